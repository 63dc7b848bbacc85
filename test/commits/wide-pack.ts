import { parseYaml } from '../../src/adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../src/adapters/control/shipped-pack.ts'
import { type ControlFile, loadManifest } from '../../src/domain/control/load-manifest.ts'
import type { Policy } from '../../src/domain/control/policy.ts'

const CHANGES: readonly (readonly [RegExp, string])[] = [
  [/^checks: .*$/m, 'checks: []'],
  [/^workflows: denied$/m, 'workflows: allowed'],
  [/^symlinks: denied$/m, 'symlinks: allowed'],
  [/^submodules: denied$/m, 'submodules: allowed'],
  [/^  files: 200$/m, '  files: 5000'],
  [/^  lines: 20000$/m, '  lines: 5000000'],
  [/^  bytes: 10485760$/m, '  bytes: 1073741824'],
]

/** The shipped pack, but for what a real history needs: workflows, links, submodules, size, and no project's own checks. */
export async function widePack(): Promise<readonly ControlFile[]> {
  return (await readShippedPack()).map(({ path, bytes }) =>
    path === 'policy.yml'
      ? { path, bytes: Buffer.from(CHANGES.reduce(change, Buffer.from(bytes).toString())) }
      : { path, bytes },
  )
}

function change(text: string, [pattern, line]: readonly [RegExp, string]): string {
  if (!pattern.test(text)) throw new Error(`the shipped policy has no line like ${pattern.source}`)
  return text.replace(pattern, line)
}

export function policyOf(pack: readonly ControlFile[]): Policy {
  const files = pack.filter(({ path }) => path === 'policy.yml')
  const loaded = loadManifest({
    engine: 'test',
    shipped: { ref: 'pack', files },
    repository: null,
    parseYaml,
    describe: () => ({ ok: false, refusal: 'no modules here' }),
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.refusal))
  return loaded.value.policy
}
