import { CheckPurpose } from '../control/policy.ts'
import { hasTarget, type TargetKind, targetReader } from '../targets/index.ts'
import { makeTargets } from '../targets/makefile.ts'
import { packageJsonIn } from '../targets/package-json.ts'
import { type Checkout, firstFile } from '../targets/target.ts'

/** In the order in which they are run. */
export const PURPOSES = CheckPurpose.options
export type Purpose = CheckPurpose

/** A command by which a repository checks itself, and the file that declares it. */
export type Check = {
  readonly purpose: Purpose
  readonly argv: readonly string[]
  readonly source: string
  /** The text that runs, where the repository writes it down. */
  readonly runs: string
}

/** The names under which repositories declare checks of a purpose, the usual one first. */
const NAMES = {
  format: ['format:check', 'fmt:check', 'check:format', 'check:fmt', 'format-check', 'fmt-check', 'check-format'],
  docs: ['lint:md', 'lint:markdown', 'lint:docs', 'check:docs', 'lint-md', 'lint-docs', 'check-docs'],
  typecheck: ['typecheck', 'type-check', 'check:types', 'types', 'tsc', 'lint:types'],
  lint: ['lint', 'check:lint'],
  build: ['build'],
  test: ['test', 'tests', 'check', 'spec', 'unit'],
} as const satisfies Readonly<Record<Purpose, readonly string[]>>

/** All checks that a repository declares, for each purpose the one to prefer first. Nothing is guessed from habit alone. */
export function checksOf(checkout: Checkout, packageManager: string | null): readonly Check[] {
  const scripts = packageJsonIn(checkout, '')?.scripts ?? []
  const found = [
    ...scriptChecks(scripts, packageManager),
    ...cargoChecks(checkout),
    ...goChecks(checkout),
    ...pythonChecks(checkout),
    ...runnerChecks(checkout),
  ]
  return PURPOSES.flatMap((purpose) => found.filter((check) => check.purpose === purpose))
}

/** `npm init` writes a `test` script that only fails: it declares no tests. */
const PLACEHOLDER = 'echo "Error: no test specified" && exit 1'

type Scripts = readonly { readonly name: string; readonly command: string }[]

function scriptChecks(scripts: Scripts, packageManager: string | null): readonly Check[] {
  const program = packageManager === 'pnpm' || packageManager === 'yarn' ? packageManager : 'npm'
  const byName = new Map(scripts.map(({ name, command }) => [name, command.trim()]))
  return PURPOSES.flatMap((purpose) => {
    const names = purpose === 'test' ? ['test'] : NAMES[purpose]
    return names.flatMap((name): readonly Check[] => {
      const runs = byName.get(name) ?? ''
      if (runs === '' || runs === PLACEHOLDER) return []
      const argv = name === 'test' ? [program, 'test'] : [program, 'run', name]
      return [{ purpose, argv, source: 'package.json', runs }]
    })
  })
}

function cargoChecks(checkout: Checkout): readonly Check[] {
  if (checkout.kind('Cargo.toml') !== 'file') return []
  const isWorkspace = /^\s*\[workspace\b/m.test(checkout.text('Cargo.toml') ?? '')
  const all = isWorkspace ? ['--workspace'] : []
  return [
    { purpose: 'test', argv: ['cargo', 'test', ...all], source: 'Cargo.toml', runs: '' },
    { purpose: 'build', argv: ['cargo', 'build', ...all], source: 'Cargo.toml', runs: '' },
  ]
}

function goChecks(checkout: Checkout): readonly Check[] {
  if (checkout.kind('go.mod') !== 'file') return []
  return [
    { purpose: 'test', argv: ['go', 'test', './...'], source: 'go.mod', runs: '' },
    { purpose: 'build', argv: ['go', 'build', './...'], source: 'go.mod', runs: '' },
  ]
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

function pythonChecks(checkout: Checkout): readonly Check[] {
  const settings = PYTHON_SETTINGS.find((path) => speaksOfPytest(checkout, path))
  if (settings !== undefined) {
    return [{ purpose: 'test', argv: ['python3', '-m', 'pytest'], source: settings, runs: '' }]
  }
  const tests = checkout.below('').find((path) => UNIT_TEST.test(path))
  if (tests === undefined) return []
  const folder = UNIT_TEST.exec(tests)?.[1]
  const discover = ['python3', '-m', 'unittest', 'discover']
  const argv = folder === undefined ? discover : [...discover, '-s', folder]
  return [{ purpose: 'test', argv, source: tests, runs: '' }]
}

function speaksOfPytest(checkout: Checkout, path: string): boolean {
  if (checkout.kind(path) !== 'file') return false
  return path === 'pytest.ini' || /\bpytest\b/.test(checkout.text(path) ?? '')
}

type Runner = { readonly kind: TargetKind; readonly command: readonly string[]; readonly files: readonly string[] }

/** Programs that run what a file of their own declares by name. */
const RUNNERS: readonly Runner[] = [
  { kind: 'just', command: ['just'], files: ['justfile', 'Justfile', '.justfile'] },
  { kind: 'make', command: ['make'], files: ['GNUmakefile', 'makefile', 'Makefile'] },
  { kind: 'deno-task', command: ['deno', 'task'], files: ['deno.json', 'deno.jsonc'] },
  { kind: 'composer-script', command: ['composer', 'run-script'], files: ['composer.json'] },
  { kind: 'rake-task', command: ['rake'], files: ['rakefile', 'Rakefile', 'rakefile.rb', 'Rakefile.rb'] },
]

function runnerChecks(checkout: Checkout): readonly Check[] {
  return RUNNERS.flatMap(({ kind, command, files }) => {
    const source = firstFile(checkout, '', files)
    const declared = source === undefined ? null : targetReader(kind).read(checkout, '')
    if (source === undefined || declared === null) return []
    return PURPOSES.flatMap((purpose) => {
      const named = NAMES[purpose].filter((name) => hasTarget(kind, declared, name))
      return named.map((name) => ({ purpose, argv: [...command, name], source, runs: '' }))
    })
  })
}

/** The targets of the makefile at the root that have names of their own. */
export function makeTargetsAtRoot(checkout: Checkout): readonly string[] {
  return (makeTargets.read(checkout, '')?.names ?? []).filter((name) => !name.includes('%'))
}

/** Whether the script `name` runs another one, directly or through others, so that running both would do it twice. */
export function scriptRuns(checkout: Checkout, name: string, other: string): boolean {
  const scripts = new Map((packageJsonIn(checkout, '')?.scripts ?? []).map((script) => [script.name, script.command]))
  const queue = [`pre${name}`, name, `post${name}`]
  for (const next of queue) {
    if (next === other) return true
    const called = calledBy(scripts.get(next) ?? '').filter((script) => scripts.has(script) && !queue.includes(script))
    queue.push(...called)
  }
  return false
}

const CALL =
  /(?:^|[\s&|;("'])(?:npm(?: run(?:-script)?)?|pnpm(?: run)?|yarn(?: run)?|bun run|npm-run-all|run-[sp])\s([^&|;)]*)/g

function calledBy(command: string): readonly string[] {
  return [...command.matchAll(CALL)].flatMap(([, words = '']) =>
    words.split(/\s+/).map((word) => word.replace(/^["']|["']$/g, '')),
  )
}
