import { parseYaml } from '../../../src/adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../../src/adapters/control/shipped-pack.ts'
import { recipeModules } from '../../../src/adapters/modules/recipe-modules.ts'
import { describeModules } from '../../../src/app/recipe-modules.ts'
import { type ControlFile, loadManifest } from '../../../src/domain/control/load-manifest.ts'
import type { Manifest } from '../../../src/domain/control/manifest.ts'
import type { CommandFacts } from '../../../src/domain/control/word-fault.ts'
import type { TargetKind } from '../../../src/domain/targets/index.ts'
import type { Declared, FileKind } from '../../../src/domain/targets/target.ts'

const files = await readShippedPack()
const describe = await describeModules(recipeModules(), files)

/** The shipped control plane under the given files of a repository's `.agentos/`. */
export function load(repository: Readonly<Record<string, string>> = {}) {
  const layer = Object.entries(repository).map(([path, text]): ControlFile => ({ path, bytes: Buffer.from(text) }))
  return loadManifest({
    engine: 'test',
    shipped: { ref: 'pack', files },
    repository: layer.length === 0 ? null : { ref: 'main', files: layer },
    parseYaml,
    describe,
  })
}

export function loaded(repository: Readonly<Record<string, string>> = {}): Manifest {
  const manifest = load(repository)
  if (!manifest.ok) throw new Error(JSON.stringify(manifest.refusal))
  return manifest.value
}

const TREE: ReadonlyMap<string, FileKind> = new Map([
  ['package.json', 'file'],
  ['package-lock.json', 'file'],
  ['README.md', 'file'],
  ['Makefile', 'file'],
  ['src', 'directory'],
  ['src/index.ts', 'file'],
  ['src/lib', 'directory'],
  ['test', 'directory'],
  ['test/index.test.js', 'file'],
  ['tests', 'directory'],
  ['tests/test_a.py', 'file'],
  ['pkg', 'directory'],
  ['pkg/api', 'directory'],
  ['link', 'symlink'],
  ['src/link', 'symlink'],
])

const DECLARED: Partial<Readonly<Record<TargetKind, readonly string[]>>> = {
  script: ['test', 'test:unit', 'lint', 'format', 'check', 'typecheck', 'build', 'start', 'postinstall'],
  make: ['test', 'test-unit', 'lint', 'deploy'],
  'cargo-package': ['core'],
  'cargo-feature': ['default', 'fast'],
  'cargo-test': ['smoke'],
  'go-package': ['.', '...'],
  'python-test': ['test_b', 'TestX'],
}

/** A small checkout with scripts, make targets and two symlinks; what it declares stands at its root. */
export const facts: CommandFacts = {
  files: (path) => TREE.get(path) ?? null,
  targets: (kind, at): Declared | null => {
    const names = at === '' || kind === 'go-package' || kind === 'python-test' ? DECLARED[kind] : undefined
    return names === undefined ? null : { names, unsure: null }
  },
}
