import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Benchmark, Comparison } from './compare.ts'

const run = promisify(execFile)
const CLI = new URL('../src/entry/cli.ts', import.meta.url).pathname
const SCRIPT = `set -e
git clone --quiet clone work
cd work
git apply ../change.diff
npm test > /dev/null
git -c user.name=A -c user.email=a@example.org commit --quiet --all --message "Say new words"
`
const DIFF = `diff --git a/src/words.js b/src/words.js
--- a/src/words.js
+++ b/src/words.js
@@ -1 +1 @@
-exports.word = 'old'
+exports.word = 'new'
`

/** A check that takes this long, beside what starting npm and node takes. */
const check = (ms: number) => `
require('node:test').test('words', () => {
  for (const end = performance.now() + ${ms}; performance.now() < end;) require('../src/words.js')
})
`

/** The local command line on a plain clone, against what a person would write instead of it. */
export const governed: Benchmark = {
  says: 'a plan executed by `agentos execute`, in the sandbox and with receipts, against the same edit, check and commit in a shell script',
  async open() {
    const home = await mkdtemp(join(tmpdir(), 'agentos-governed-'))
    const comparisons = [
      await comparison(home, 'a check of no time', 0),
      await comparison(home, 'a check of 4 s', 4000),
    ]
    return { comparisons, close: () => rm(home, { recursive: true, force: true }) }
  },
}

async function comparison(home: string, about: string, ms: number): Promise<Comparison> {
  const place = join(home, String(ms))
  const start = join(place, 'start')
  await write(join(start, 'clone'), ms)
  await writeFile(join(start, 'change.diff'), DIFF)
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', AGENTOS_DATA: join(place, 'data') }
  const agentos = (args: readonly string[]) => run(process.execPath, [CLI, ...args], { cwd: place, env })
  const asked = ['--recipe', 'replace-text', 'find=old', 'replace=new', 'paths=src/**']
  await agentos(['plan', '--repo', join(start, 'clone'), ...asked, '--out', join(place, 'plan.json')])
  const here = join(place, 'here')
  const anew = async () => {
    await rm(here, { recursive: true, force: true })
    await cp(start, here, { recursive: true })
  }
  const by = ['--approved-by', 'Lee', '--out', join(place, 'evidence.json')]
  return {
    about,
    unit: 'plans',
    items: 1,
    contenders: [
      { name: 'shell script', ready: anew, run: () => run('sh', ['-c', SCRIPT], { cwd: here, env }) },
      {
        name: 'agentos execute',
        ready: anew,
        run: () => agentos(['execute', join(place, 'plan.json'), '--repo', join(here, 'clone'), ...by]),
      },
    ],
  }
}

async function write(clone: string, ms: number): Promise<void> {
  const files = {
    'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
    'src/words.js': "exports.word = 'old'\n",
    'test/words.test.js': check(ms),
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(clone, path)), { recursive: true })
    await writeFile(join(clone, path), text)
  }
  const git = (...args: readonly string[]) =>
    run('git', ['-C', clone, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args])
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'First')
}
