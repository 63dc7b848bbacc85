import { judgeCommand } from '../src/domain/control/allowlist.ts'
import { facts, loaded } from '../test/domain/control/shipped.ts'
import type { Benchmark } from './compare.ts'
import { answerBatch } from './program.ts'

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
          contenders: [{ name: 'check command --batch', run: () => answerBatch(['check', 'command'], batch) }],
        },
      ],
      close: async () => {},
    }
  },
}
