import type { Entry } from '../patch/edit.ts'
import type { PackageJson } from './memory-scripts.ts'

/** The files of the base that tell how its code is built and tested. */
export type RepositoryShape = {
  readonly files: ReadonlyMap<string, Entry>
  readonly text: (path: string) => string | undefined
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
export function testCommandOf(shape: RepositoryShape, packageManager: string | null): Command | null {
  return scriptTest(shape, packageManager) ?? toolTest(shape) ?? pythonTest(shape) ?? makeTest(shape)
}

/** `npm init` writes a `test` script that only fails: it declares no tests. */
const PLACEHOLDER = 'echo "Error: no test specified" && exit 1'

function scriptTest({ packageJson }: RepositoryShape, packageManager: string | null): Command | null {
  const test = packageJson?.scripts.find((script) => script.name === 'test')
  if (packageJson === null || test === undefined) return null
  if (test.command.trim() === '' || test.command.trim() === PLACEHOLDER) return null
  const program = packageManager === 'pnpm' || packageManager === 'yarn' ? packageManager : 'npm'
  return { argv: [program, 'test'], entry: packageJson.entry }
}

function toolTest({ files }: RepositoryShape): Command | null {
  const cargo = files.get('Cargo.toml')
  if (cargo !== undefined) return { argv: ['cargo', 'test'], entry: cargo }
  const go = files.get('go.mod')
  return go === undefined ? null : { argv: ['go', 'test', './...'], entry: go }
}

const PYTHON_SETTINGS = [
  'pytest.ini',
  'pyproject.toml',
  'tox.ini',
  'setup.cfg',
  'requirements-dev.txt',
  'requirements.txt',
]

const UNIT_TEST = /^(?:(tests?)\/)?test[^/]*\.py$/

function pythonTest({ files, text }: RepositoryShape): Command | null {
  const settings = PYTHON_SETTINGS.find(
    (path) => (path === 'pytest.ini' && files.has(path)) || /\bpytest\b/.test(text(path) ?? ''),
  )
  const configured = settings === undefined ? undefined : files.get(settings)
  if (configured !== undefined) return { argv: ['python3', '-m', 'pytest'], entry: configured }
  const tests = [...files.values()].find(({ path }) => UNIT_TEST.test(path))
  if (tests === undefined) return null
  const folder = UNIT_TEST.exec(tests.path)?.[1]
  const discover = ['python3', '-m', 'unittest', 'discover']
  return { argv: folder === undefined ? discover : [...discover, '-s', folder], entry: tests }
}

function makeTest({ makefile }: RepositoryShape): Command | null {
  if (makefile === null) return null
  const target = ['test', 'check'].find((name) => makefile.targets.includes(name))
  return target === undefined ? null : { argv: ['make', target], entry: makefile.entry }
}
