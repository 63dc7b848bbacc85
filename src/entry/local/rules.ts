import { parseYaml } from '../../adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../adapters/control/shipped-pack.ts'
import { refusalText } from '../../app/control-plane.ts'
import { commandFacts, filesForFacts } from '../../app/runner/command-facts.ts'
import { loadManifest } from '../../domain/control/load-manifest.ts'
import type { Manifest } from '../../domain/control/manifest.ts'
import type { CommandFacts } from '../../domain/control/word-fault.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { thisEngine } from '../engine.ts'
import { type GovernedClone, openGoverned } from './open-local.ts'
import { type Stop, stop } from './stop.ts'

/** Where rules come from: a policy layer in a file, else the control plane of a clone's HEAD, else the shipped pack alone. */
export type RulesFrom = {
  readonly policy: { readonly file: string; readonly bytes: Uint8Array } | null
  readonly dir: string | null
}

export type Rules = { readonly manifest: Manifest; readonly clone: GovernedClone | null }

export async function rulesFrom({ policy, dir }: RulesFrom): Promise<Result<Rules, Stop>> {
  const clone = dir === null ? ok(null) : await openGoverned(dir)
  if (!clone.ok) return clone
  if (clone.value !== null && policy === null) return ok({ manifest: clone.value.control.manifest, clone: clone.value })
  const manifest = await manifestFrom(policy)
  return manifest.ok ? ok({ manifest: manifest.value, clone: clone.value }) : manifest
}

async function manifestFrom(policy: RulesFrom['policy']): Promise<Result<Manifest, Stop>> {
  const manifest = loadManifest({
    engine: thisEngine().version,
    shipped: { ref: 'shipped', files: await readShippedPack() },
    repository: policy === null ? null : { ref: 'file', files: [{ path: 'policy.yml', bytes: policy.bytes }] },
    parseYaml,
  })
  if (manifest.ok) return manifest
  const because = refusalText(manifest.refusal).replaceAll('.agentos/policy.yml', policy?.file ?? 'policy.yml')
  return refuse(stop(2, 'control-plane', because, 'mend the policy file'))
}

/** What commands are judged by: without a clone there are no files and no scripts. */
export async function factsFrom({ clone }: Rules): Promise<CommandFacts> {
  if (clone === null) return { scripts: [], makeTargets: [], files: () => null }
  const entries = await clone.repository.entries(clone.base)
  const named = await clone.repository.blobs(filesForFacts(entries).map((entry) => entry.blob))
  return commandFacts(entries, (blob) => named.get(blob))
}
