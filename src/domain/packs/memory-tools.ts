import type { Entry } from '../patch/edit.ts'
import type { PackageJson } from '../targets/package-json.ts'
import type { Checkout } from '../targets/target.ts'
import { checksOf } from './checks.ts'

/** The files of the base that tell how its code is built and tested. */
export type RepositoryShape = {
  readonly files: ReadonlyMap<string, Entry>
  readonly checkout: Checkout
  readonly packageJson: (PackageJson & { readonly entry: Entry }) | null
  readonly makefile: { readonly entry: Entry; readonly targets: readonly string[] } | null
}

type Named = { readonly name: string; readonly entry: Entry }
type Command = { readonly argv: readonly string[]; readonly entry: Entry }

const LOCKFILES = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['package.json', 'npm'],
  ['Cargo.toml', 'cargo'],
  ['go.mod', 'go'],
  ['uv.lock', 'uv'],
  ['poetry.lock', 'poetry'],
  ['Pipfile.lock', 'pipenv'],
  ['pyproject.toml', 'pip'],
  ['setup.py', 'pip'],
  ['requirements.txt', 'pip'],
] as const

/** What `packageManager` of package.json declares, else what the lock files and manifests show. */
export function packageManagerOf({ files, packageJson }: RepositoryShape): Named | null {
  const declared = /^(npm|pnpm|yarn|bun)@/.exec(packageJson?.packageManager ?? '')?.[1]
  if (declared !== undefined && packageJson !== null) return { name: declared, entry: packageJson.entry }
  for (const [path, name] of LOCKFILES) {
    const entry = files.get(path)
    if (entry !== undefined) return { name, entry }
  }
  return null
}

/** The command that runs the repository's own tests, where the repository declares one. */
export function testCommandOf({ files, checkout }: RepositoryShape, packageManager: string | null): Command | null {
  const test = checksOf(checkout, packageManager).find(({ purpose }) => purpose === 'test')
  const entry = test === undefined ? undefined : files.get(test.source)
  return test === undefined || entry === undefined ? null : { argv: test.argv, entry }
}
