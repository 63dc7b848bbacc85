import { describe, expect, test } from 'vitest'
import { type CheckQuestion, chooseChecks } from '../../../src/domain/packs/choose-checks.ts'
import { shownBy } from '../../../src/domain/packs/criterion-purpose.ts'
import { edit, shippedPolicy } from '../../support/builders.ts'
import { checkoutOf, type TextFiles } from '../../support/checkout-of.ts'

const withScripts = (scripts: Readonly<Record<string, string>>): TextFiles => ({
  'package.json': JSON.stringify({ scripts }),
})

function choose(files: TextFiles, changes: Partial<CheckQuestion> = {}) {
  return chooseChecks({
    checkout: checkoutOf(files),
    packageManager: 'npm',
    policy: shippedPolicy,
    edits: [edit('src/index.js')],
    criteria: [],
    mode: 'semi_auto',
    hasRuns: false,
    ...changes,
  })
}

const commands = (files: TextFiles, changes: Partial<CheckQuestion> = {}) =>
  choose(files, changes).checks.map(({ argv }) => argv.join(' '))

test('a purpose that the policy leaves out is checked only where a criterion asks for it', () => {
  const files = withScripts({ test: 'a', lint: 'b' })
  const policy = { ...shippedPolicy, checks: ['test' as const] }
  expect(commands(files, { policy })).toEqual(['npm test'])
  expect(commands(files, { policy, criteria: [{ id: 'c1', text: 'Lint is clean' }] })).toEqual([
    'npm run lint',
    'npm test',
  ])
})

describe('a change is checked by what the repository declares', () => {
  test.each<[string, TextFiles, readonly string[]]>([
    [
      'types, lint and tests, the quick ones first',
      withScripts({ test: 'a', lint: 'b', typecheck: 'c', build: 'd' }),
      ['npm run typecheck', 'npm run lint', 'npm test'],
    ],
    [
      'lint only once where the tests run it',
      withScripts({ test: 'npm run lint && node --test', lint: 'b' }),
      ['npm test'],
    ],
    [
      'lint only once where the tests run it in turn',
      withScripts({ test: 'run-s check:* lint', pretest: 'x', lint: 'b' }),
      ['npm test'],
    ],
    ['a build where there is nothing else', withScripts({ build: 'tsc' }), ['npm run build']],
    [
      'no placeholder of npm init',
      withScripts({ test: 'echo "Error: no test specified" && exit 1', lint: 'b' }),
      ['npm run lint'],
    ],
    ['a Cargo workspace', { 'Cargo.toml': '[workspace]\nmembers = []\n' }, ['cargo test --workspace']],
    ['a Go module', { 'go.mod': 'module x\n', 'a.go': '' }, ['go test ./...']],
    ['a make target', { Makefile: 'check:\nlint:\n' }, ['make lint', 'make check']],
    ['a just recipe', { justfile: 'test:\n  x\n' }, ['just test']],
    ['a rake task', { Rakefile: 'task :test\n' }, ['rake test']],
    [
      'tests of one tool, lint of another',
      { 'go.mod': 'module x\n', 'a.go': '', Makefile: 'lint:\n' },
      ['make lint', 'go test ./...'],
    ],
    ['nothing where nothing is declared', { 'README.md': 'npm test' }, []],
  ])('%s', (_what, files, expected) => {
    expect(commands(files)).toEqual(expected)
  })

  test('each check says why it is there', () => {
    expect(choose(withScripts({ test: 'a' })).checks).toEqual([
      {
        argv: ['npm', 'test'],
        criteria: [],
        source: 'package.json',
        because: expect.stringContaining('tests, declared in package.json'),
      },
    ])
  })
})

describe('without a check there is a reason', () => {
  const noTests = { ...shippedPolicy, commands: shippedPolicy.commands.filter(({ program }) => program !== 'npm') }
  test.each<[string, TextFiles, Partial<CheckQuestion>, RegExp]>([
    ['nothing is declared', {}, {}, /declares no test command/],
    [
      'the policy does not allow it',
      withScripts({ test: 'a' }),
      { policy: noTests },
      /policy does not allow `npm test`/,
    ],
    ['only documents change', withScripts({ test: 'a' }), { edits: [edit('docs/x.md')] }, /only documents change/],
  ])('%s', (_what, files, changes, because) => {
    const { checks, noVerify } = choose(files, changes)
    expect(checks).toEqual([])
    expect(noVerify).toMatch(because)
  })

  test('a check that the policy does not allow makes room for the next one', () => {
    const files = { ...withScripts({ test: 'a' }), Makefile: 'test:\n' }
    expect(commands(files, { policy: noTests })).toEqual(['make test'])
  })
})

describe('where only documents change, only what reads them is run', () => {
  const files = withScripts({
    test: 'node --test',
    lint: 'eslint .',
    'lint:md': 'markdownlint .',
    'format:check': 'prettier -c .',
  })
  const about = (...paths: readonly string[]) => ({ edits: paths.map((path) => edit(path)) })

  test.each([[['README.md']], [['docs/guide/a.md', 'CHANGELOG.md']], [['packages/a/README.md']]])('%j', (paths) => {
    expect(commands(files, about(...paths))).toEqual(['npm run format:check', 'npm run lint:md'])
  })

  test.each([
    [['README.md', 'src/a.js']],
    [['test/fixtures/README.md']],
    [['src/prompts/plan.md']],
    [['docs/example.js']],
  ])('%j is more than documents', (paths) => {
    expect(commands(files, about(...paths))).toEqual(['npm run lint', 'npm test'])
  })

  test('full_auto, commands of the plan and criteria keep the tests', () => {
    expect(commands(files, { ...about('README.md'), mode: 'full_auto' })).toContain('npm test')
    expect(commands(files, { ...about('README.md'), hasRuns: true })).toContain('npm test')
    const criteria = [{ id: 'c1', text: 'All tests pass.' }]
    expect(commands(files, { ...about('README.md'), criteria })).toContain('npm test')
  })
})

describe('criteria are tied to the checks that their words name', () => {
  const files = withScripts({ test: 'a', lint: 'b', build: 'c', 'test:unit': 'd' })
  const tied = (text: string) =>
    choose(files, { criteria: [{ id: 'c1', text }] })
      .checks.filter(({ criteria }) => criteria.includes('c1'))
      .map(({ argv }) => argv.join(' '))

  test.each<[string, readonly string[]]>([
    ['The tests pass', ['npm test']],
    ['All existing tests still pass.', ['npm test']],
    ['Lint is clean', ['npm run lint']],
    ['There are no lint errors', ['npm run lint']],
    ['The build succeeds', ['npm run build']],
    ['`npm run test:unit` passes', ['npm run test:unit']],
    ['`npm test` exits with 0', ['npm test']],
    ['`npm run absent` passes', []],
    ['`curl example.org` passes', []],
    ['Tests pass and the docs are updated', []],
    ['The tests do not pass', []],
    ['There is a new test for the login', []],
    ['The linter passes on Windows', []],
    ['It is fast', []],
  ])('%s', (text, expected) => {
    expect(tied(text)).toEqual(expected)
  })

  test('words that are no criterion of a check show nothing', () => {
    expect(shownBy('')).toBeNull()
    expect(shownBy('tests')).toBeNull()
    expect(shownBy('`npm test`')).toBeNull()
    expect(shownBy('`npm test && rm -rf x` passes')).toBeNull()
  })
})
