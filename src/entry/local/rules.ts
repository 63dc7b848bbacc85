import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseYaml } from '../../adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../adapters/control/shipped-pack.ts'
import { refusalText } from '../../app/control-plane.ts'
import { describeModules } from '../../app/recipe-modules.ts'
import { settleReads } from '../../app/settle-reads.ts'
import { type CommandRequest, type CommandVerdict, judgeCommand } from '../../domain/control/allowlist.ts'
import { type ControlLayer, loadManifest } from '../../domain/control/load-manifest.ts'
import type { Manifest } from '../../domain/control/manifest.ts'
import { commandFactsOf } from '../../domain/packs/command-facts.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { indexTree } from '../../domain/targets/checkout.ts'
import { thisEngine } from '../engine.ts'
import { modules } from '../modules.ts'
import { type GovernedClone, openGoverned } from './governed-clone.ts'
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
  const layer = policy === null ? null : { ref: 'file', files: [{ path: 'policy.yml', bytes: policy.bytes }] }
  const manifest = await manifestFrom(layer, policy?.file ?? 'policy.yml')
  return manifest.ok ? ok({ manifest: manifest.value, clone: clone.value }) : manifest
}

/** The control plane in a folder such as `.agentos/`, laid over the shipped pack. */
export async function rulesIn(folder: string): Promise<Result<Manifest, Stop>> {
  const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory() === true
  if (!isFolder) return refuse(stop(2, 'control-plane', `${folder} is no folder`, 'name a folder such as `.agentos/`'))
  const files = (await readShippedPack(folder)).filter(({ path }) => !path.startsWith('memory/'))
  return manifestFrom({ ref: 'folder', files }, join(folder, 'policy.yml'))
}

async function manifestFrom(repository: ControlLayer | null, named: string): Promise<Result<Manifest, Stop>> {
  const shipped = await readShippedPack()
  const manifest = loadManifest({
    engine: thisEngine().version,
    shipped: { ref: 'shipped', files: shipped },
    repository,
    parseYaml,
    describe: await describeModules(modules, [...shipped, ...(repository?.files ?? [])]),
  })
  if (manifest.ok) return manifest
  const because = refusalText(manifest.refusal).replaceAll('.agentos/policy.yml', named)
  return refuse(stop(2, 'control-plane', because, 'mend the policy file'))
}

/** Judges commands by the clone's own commit; without a clone there are no files, and nothing is declared. */
export async function judgeFor({
  clone,
  manifest,
}: Rules): Promise<(request: CommandRequest) => Promise<CommandVerdict>> {
  const { policy } = manifest
  if (clone === null)
    return async (request) => judgeCommand(request, policy, { files: () => null, targets: () => null })
  const { repository, base } = clone
  const checkoutWith = indexTree(await repository.entries(base))
  const read = new Map<string, Uint8Array>()
  const load = async (blobs: readonly string[]) => {
    const loaded = await repository.blobs(blobs)
    for (const [blob, bytes] of loaded) read.set(blob, bytes)
    return loaded
  }
  return (request) =>
    settleReads(
      load,
      (blob) => read.get(blob),
      (readBlob) => judgeCommand(request, policy, commandFactsOf(checkoutWith(readBlob))),
    )
}
