import { execFileSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { bytesAt, draftIn, repositoryWith, type TestRepository } from './real-scene.ts'

const open: TestRepository[] = []
afterEach(() => open.splice(0).forEach((repository) => repository.remove()))

const tenLines = Array.from({ length: 10 }, (_, i) => `line ${i}\n`).join('')

async function sample(): Promise<TestRepository> {
  const made = await repositoryWith({
    'src/a.txt': tenLines,
    'src/b.bin': Buffer.from([0, 1, 2, 3]),
    'src/c.txt': 'c\n',
  })
  open.push(made)
  return made
}

function patchRequest(patch: Uint8Array) {
  return { planner: { is: 'patch', patch: sha256Hex(patch) }, patch } as const
}

test('a patch of git becomes a draft of exactly its bytes, renames and binary content included', async () => {
  const base = await sample()
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: base.dir })
  writeFileSync(join(base.dir, 'src/a.txt'), tenLines.replace('line 4', 'LINE 4'))
  writeFileSync(join(base.dir, 'src/b.bin'), Buffer.from([0, 9, 9, 9]))
  renameSync(join(base.dir, 'src/c.txt'), join(base.dir, 'src/d.txt'))
  git('add', '-A')
  const drafted = await draftIn(base, patchRequest(git('diff', '--cached', '--binary', '--full-index', '-M')))
  if (drafted.is !== 'draft') throw new Error(JSON.stringify(drafted))
  expect(bytesAt(drafted, 'src/a.txt')).toBe(tenLines.replace('line 4', 'LINE 4'))
  expect(bytesAt(drafted, 'src/b.bin')).toBe('\0\t\t\t')
  expect(drafted.facts.paths.map((fact) => [fact.path, fact.claims])).toEqual([
    ['src/a.txt', 'exists'],
    ['src/b.bin', 'exists'],
    ['src/c.txt', 'exists'],
    ['src/d.txt', 'is-new'],
  ])
  expect(drafted.examined).toMatchObject({ faults: [], added: 2, removed: 2 })
  expect(drafted.examined.diff).toContain('-line 4\n+LINE 4\n')
  expect(drafted.draft.drafter).toMatchObject({ is: 'patch' })
})

const hunk = (path: string, line: string) =>
  Buffer.from(`--- a/${path}\n+++ b/${path}\n@@ -1,1 +1,1 @@\n-${line}\n+new\n`)

test.each(['../x', 'src/../../x', '/etc/passwd', './x', 'src//x'])(
  'a patch of %s is refused, with the path',
  async (path) => {
    const created = Buffer.from(`--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,1 @@\n+new\n`)
    expect(await draftIn(await sample(), patchRequest(created))).toMatchObject({
      is: 'refused',
      rule: expect.stringMatching(/^(hygiene|patch)$/),
      because: expect.stringContaining(path),
    })
    expect(await draftIn(await sample(), patchRequest(hunk(path, 'c')))).toMatchObject({ is: 'refused' })
  },
)

test('a patch for a file that is not there is refused, and what may have been meant is named', async () => {
  const drafted = await draftIn(await sample(), patchRequest(hunk('src/C.txt', 'c')))
  expect(drafted).toMatchObject({ is: 'refused', rule: 'no-fabrication', next: 'did you mean src/c.txt?' })
})

test.each([
  ['text around it', Buffer.from('Hello\n'), 'line 1'],
  ['lines that the base does not have', hunk('src/c.txt', 'other'), 'src/c.txt'],
  ['nothing in it', Buffer.from(''), 'empty'],
])('a patch with %s is refused with where and why', async (_, patch, because) => {
  const drafted = await draftIn(await sample(), patchRequest(patch))
  expect(drafted).toMatchObject({ is: 'refused', rule: 'patch' })
  expect(drafted.is === 'refused' && drafted.because).toContain(because)
})

test('hidden characters that a patch adds are found and written out', async () => {
  const patch = Buffer.from('--- a/src/c.txt\n+++ b/src/c.txt\n@@ -1,1 +1,1 @@\n-c\n+c\u202e\n')
  const drafted = await draftIn(await sample(), patchRequest(patch))
  if (drafted.is !== 'draft') throw new Error(JSON.stringify(drafted))
  expect(drafted.examined.faults.map((fault) => fault.rule)).toEqual(['hidden-text'])
  expect(drafted.examined.diff).toContain('+c<U+202E>')
})
