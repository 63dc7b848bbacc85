import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { judgeCommand } from '../src/domain/control/allowlist.ts'
import { facts, loaded } from '../test/domain/control/shipped.ts'
import type { Benchmark } from './compare.ts'

const ARGVS = [
  'npm run test',
  'npm run lint -- --fix',
  'npm run deploy',
  'npm ci --ignore-scripts',
  'npm publish',
  'npx prettier --write src',
  'node --test test/index.test.js',
  'node -e process.exit()',
  'git status --porcelain',
  'git push origin main',
  'make test',
  'make deploy',
  'cat README.md',
  'cat ../outside',
  'cat src/link',
  'curl https://example.org',
  'rm -rf src',
  'sudo npm run test',
  'python -m pytest tests/test_a.py',
  'bash -c ls',
].map((line) => line.split(' '))
const TIMES = 50
const BATCH = 20_000
const CLI = join(import.meta.dirname, '../src/entry/cli.ts')

export const commands: Benchmark = {
  says: 'judging a command by the shipped allowlist, against reading it from JSON',
  async open() {
    const { policy } = loaded()
    const requests = Array.from({ length: TIMES }, () => ARGVS)
      .flat()
      .map((argv) => ({ argv, env: {}, cwd: '.' }))
    const lines = requests.map((request) => JSON.stringify(request))
    const decisions = new Set(requests.map((request) => judgeCommand(request, policy, facts).decision))
    if (!decisions.has('allow') || !decisions.has('deny')) throw new Error('the examples show only one decision')
    const batch = Array.from({ length: BATCH }, (_, id) => JSON.stringify({ id, ...requests[id % requests.length] }))
    return {
      comparisons: [
        {
          about: `${ARGVS.length} commands`,
          unit: 'items',
          items: requests.length,
          contenders: [
            { name: 'JSON.parse', run: () => lines.map((line): unknown => JSON.parse(line)) },
            { name: 'judgeCommand', run: () => requests.map((request) => judgeCommand(request, policy, facts)) },
          ],
        },
        {
          about: 'a batch through the command line, with its start',
          unit: 'items',
          items: BATCH,
          contenders: [{ name: 'check command --batch', run: () => answer(batch) }],
        },
      ],
      close: async () => {},
    }
  },
}

/** The real program, a line in and a line out. */
function answer(lines: readonly string[]): void {
  const ended = spawnSync(process.execPath, [CLI, 'check', 'command', '--batch'], {
    input: lines.join('\n'),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  })
  const answers = ended.stdout.trimEnd().split('\n').length
  if (answers !== lines.length) throw new Error(`${answers} of ${lines.length} items were answered`)
}
