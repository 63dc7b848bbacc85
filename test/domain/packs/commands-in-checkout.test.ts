import { describe, expect, test } from 'vitest'
import { judgeCommand } from '../../../src/domain/control/allowlist.ts'
import { commandFact, commandFactsOf, judgeRecorded } from '../../../src/domain/packs/command-facts.ts'
import { shippedPolicy as policy } from '../../support/builders.ts'
import { checkoutOf } from '../../support/checkout-of.ts'

const FILES = {
  'package.json': '{"scripts":{"test":"a","lint":"b","deploy":"c"},"workspaces":["packages/*"]}',
  'packages/a/package.json': '{"name":"@x/a","scripts":{"test":"a","build":"b"}}',
  'packages/a/test/a.test.js': '',
  Makefile: 'test:\ncheck-%: x\nbroken: x\n',
  'sub/Makefile': 'lint:\n',
  'made/Makefile': 'include generated.mk\ntest:\n',
  justfile: 'test:\n  x\n',
  'Cargo.toml': '[package]\nname = "core"\n[features]\nfast = []\nslow = []\n',
  'tests/smoke.rs': '',
  '.cargo/config.toml': '[alias]\nlint = "clippy"\n',
  'go.mod': 'module x\n',
  'api/api.go': '',
  'docs/a.md': '',
  'tests/test_a.py': 'def test_b(): ...\nclass TestX:\n    def test_c(self): ...\n',
  'deno.json': '{"tasks":{"test":"x"}}',
  'composer.json': '{"scripts":{"test":"phpunit"}}',
  Rakefile: 'task :test\n',
}
const checkout = checkoutOf(FILES)

const decide = (command: string) =>
  judgeCommand({ argv: command.split(' '), env: {}, cwd: '.' }, policy, commandFactsOf(checkout))

const recorded = (command: string) => {
  const argv = command.split(' ')
  return judgeRecorded(argv, policy, { facts: { commands: [commandFact('s', argv, { policy, checkout })] }, step: 's' })
}

const ALLOWED = [
  'npm test',
  'npm run lint',
  'npm run build --prefix packages/a',
  'npm --prefix packages/a run build',
  'npm test -w @x/a -- test/a.test.js',
  'npm run build --workspace=packages/a',
  'pnpm --filter @x/a run build',
  'pnpm -C packages/a build',
  'yarn workspace @x/a build',
  'yarn workspace @x/a run build',
  'bun run lint',
  'make test',
  'make check-io',
  'make -C sub lint',
  'make -C made test',
  'just test',
  'cargo test -p core --features fast,slow --test smoke',
  'cargo lint',
  'go test ./...',
  'go test ./api',
  'go build ./api/...',
  'pytest tests/test_a.py::test_b',
  'pytest tests/test_a.py::TestX::test_c[1-2]',
  'deno task test',
  'composer run-script test',
  'bundle exec rake test',
]

const DENIED: readonly (readonly [string, RegExp])[] = [
  ['npm run lnt', /is not a script named/],
  ['npm run test:unit', /did you mean `test`\?|there are/],
  ['npm run deploy', /is not a script named/],
  ['npm run lint --prefix packages/a', /no script `lint`/],
  ['npm run build', /no script `build` here/],
  ['npm run build --prefix packages', /no script is declared/],
  ['npm run build --prefix ../x', /leaves the checkout/],
  ['npm run build -w @x/b', /no workspace `@x\/b` here; did you mean `@x\/a`\?/],
  ['npm test -w @x/a -- test/b.test.js', /nothing at/],
  ['make lint', /no make target `lint`/],
  ['make -C sub test', /no make target `test`/],
  ['make -C made lint', /generated\.mk, which is not in the repository.*literal word/],
  ['just lint', /no just recipe/],
  ['cargo test -p cora', /did you mean `core`\?/],
  ['cargo test --features fast,none', /no Cargo feature `none`/],
  ['cargo test --test smok', /did you mean `smoke`\?/],
  ['cargo check-all', /is not a Cargo alias|no Cargo alias|no rule allows/],
  ['go test ./docs', /no Go package/],
  ['go test ./docs/...', /no Go package/],
  ['go test ./none', /no directory/],
  ['pytest tests/test_a.py::test_z', /no test `test_z`/],
  ['pytest tests/test_b.py', /nothing at/],
  ['deno task build', /no deno task/],
  ['composer run-script lint', /no Composer script/],
  ['rake spec', /may define more/],
  ['npx eslint', /argv|runs what its arguments say/],
]

describe('a command is allowed when the repository has everything that it names', () => {
  test.each(ALLOWED)('%s', (command) => {
    expect(decide(command)).toMatchObject({ decision: 'allow' })
    expect(recorded(command)).toEqual(decide(command))
  })
})

describe('a command is denied when it names what the repository does not have', () => {
  test.each(DENIED)('%s', (command, because) => {
    const verdict = decide(command)
    expect(verdict.decision).toBe('deny')
    expect(verdict.reasons.join('; ')).toMatch(because)
    expect(recorded(command)).toEqual(verdict)
  })
})

test('a command of which nothing was recorded is denied', () => {
  for (const command of ALLOWED) {
    expect(judgeRecorded(command.split(' '), policy, { facts: { commands: [] }, step: 's' }).decision).toBe('deny')
  }
})

test('facts of one command do not serve another', () => {
  const facts = { commands: [commandFact('s', ['npm', 'test'], { policy, checkout })] }
  expect(judgeRecorded(['make', 'test'], policy, { facts, step: 's' }).decision).toBe('deny')
})
