import { describe, expect, test } from 'vitest'
import { blobId } from '../../../src/domain/git-objects.ts'
import { applyPatch, type BaseFile, pathsRead, submoduleText } from '../../../src/domain/patch/apply-patch.ts'
import { parsePatch } from '../../../src/domain/patch/parse-patch.ts'
import { inflate } from './real-git.ts'

const files: Readonly<Record<string, BaseFile>> = {
  f: { mode: '100644', bytes: Buffer.from('1\n2\n3\n') },
  crlf: { mode: '100644', bytes: Buffer.from('1\r\n2\r\n') },
  open: { mode: '100644', bytes: Buffer.from('1\n2') },
  empty: { mode: '100644', bytes: Buffer.alloc(0) },
  tool: { mode: '100755', bytes: Buffer.from('x\n') },
  sub: { mode: '160000', bytes: Buffer.from(submoduleText('1'.repeat(40))) },
}
const base = new Map(Object.entries(files))

function apply(text: string) {
  const parsed = parsePatch(Buffer.from(text), { inflate })
  if (!parsed.ok) throw new Error(`line ${parsed.refusal.line}: ${parsed.refusal.because}`)
  return applyPatch(parsed.value, (path) => base.get(path) ?? null)
}

function textAfter(text: string): string | undefined {
  const applied = apply(text)
  if (!applied.ok) throw new Error(applied.refusal.because)
  const blob = applied.value.edits[0]?.after?.blob
  const bytes = blob === undefined ? undefined : applied.value.contents.get(blob)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1')
}

const on = (path: string, hunks: string) => `--- a/${path}\n+++ b/${path}\n${hunks}`
const idOf = (path: string) => blobId(base.get(path)?.bytes ?? Buffer.alloc(0))

describe('a patch that fits lands byte for byte', () => {
  test.each([
    ['in the middle', on('f', '@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n'), '1\ntwo\n3\n'],
    ['without context', on('f', '@@ -2,0 +3,2 @@\n+a\n+b\n'), '1\n2\na\nb\n3\n'],
    [
      'at the end of a file that lacks its newline',
      on('open', '@@ -2 +2 @@\n-2\n\\ No newline at end of file\n+2\n'),
      '1\n2\n',
    ],
    ['taking the newline away', on('f', '@@ -3 +3 @@\n-3\n+3\n\\ No newline at end of file\n'), '1\n2\n3'],
    ['with carriage returns', on('crlf', '@@ -1,2 +1,2 @@\n-1\r\n+1\n 2\r\n'), '1\n2\r\n'],
    ['into an empty file', on('empty', '@@ -0,0 +1 @@\n+x\n'), 'x\n'],
    ['down to an empty file', on('tool', '@@ -1 +0,0 @@\n-x\n'), ''],
  ])('%s', (_, patch, expected) => expect(textAfter(patch)).toBe(expected))

  test('two files may trade places, because each is read from the base', () => {
    const swap = apply(
      'diff --git a/f b/tool\nrename from f\nrename to tool\ndiff --git a/tool b/f\nrename from tool\nrename to f\n',
    )
    expect(swap).toMatchObject({
      ok: true,
      value: {
        edits: [
          { path: 'f', after: { mode: '100755', blob: idOf('tool') } },
          { path: 'tool', after: { mode: '100644', blob: idOf('f') } },
        ],
      },
    })
  })

  test('the paths of the base that will be read are known before', () => {
    const parsed = parsePatch(Buffer.from('diff --git a/f b/g\nsimilarity index 100%\ncopy from f\ncopy to g\n'), {
      inflate,
    })
    expect(parsed.ok ? pathsRead(parsed.value) : []).toEqual(['f', 'g'])
  })
})

const modeLine = 'diff --git a/f b/f\nold mode 100755\nnew mode 100644\n'
const full = (from: string, to: string) => `diff --git a/f b/f\nindex ${from}..${to} 100644\n`
const edit = on('f', '@@ -1 +1 @@\n-1\n+one\n')

describe('a patch that does not fit is a conflict with its place', () => {
  test.each<[string, string, string, number | null, RegExp]>([
    ['other context', on('f', '@@ -1 +1 @@\n-x\n+y\n'), 'f', 3, /line 1 of the file/],
    ['the right lines at another place', on('f', '@@ -1 +1 @@\n-2\n+y\n'), 'f', 3, /line 1 of the file/],
    ['lines beyond the end', on('f', '@@ -9 +9 @@\n-2\n+y\n'), 'f', 3, /3 lines only/],
    ['another newline', on('crlf', '@@ -1 +1 @@\n-1\n+y\n'), 'crlf', 3, /line 1 of the file/],
    ['a newline where there is none', on('open', '@@ -2 +2 @@\n-2\n+3\n'), 'open', 3, /line 2 of the file/],
    ['no newline where there is one', on('f', '@@ -3 +3 @@\n-3\n\\ No newline at end of file\n+y\n'), 'f', 3, /line 3/],
    [
      'a lost newline in the middle',
      on('f', '@@ -1 +1 @@\n-1\n+y\n\\ No newline at end of file\n'),
      'f',
      3,
      /no newline/,
    ],
    ['a line glued to an open one', on('open', '@@ -2,0 +3 @@\n+y\n'), 'open', 3, /no newline/],
    ['a file that is not there', on('nowhere', '@@ -1 +1 @@\n-x\n+y\n'), 'nowhere', null, /does not exist/],
    ['a new file that is there', '--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n', 'f', null, /already has/],
    ['a rename onto a file', 'diff --git a/f b/tool\nrename from f\nrename to tool\n', 'tool', null, /already has/],
    ['half a deletion', '--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n', 'f', null, /not all of its content/],
    [
      'a deletion without content',
      'diff --git a/f b/f\ndeleted file mode 100644\n',
      'f',
      null,
      /not all of its content/,
    ],
    ['another mode', modeLine, 'f', null, /expects mode 100755/],
    ['a file made a link', 'diff --git a/f b/f\nold mode 100644\nnew mode 120000\n', 'f', null, /another kind/],
    ['a file changed twice', edit + edit, 'f', null, /twice/],
    ['another blob', `${full('1'.repeat(40), '2'.repeat(40))}${edit}`, 'f', null, /another blob/],
    ['a promised blob', `${full(idOf('f'), '2'.repeat(40))}${edit}`, 'f', null, /promises blob 2/],
    [
      'a new file with an old blob',
      `diff --git a/n b/n\nnew file mode 100644\nindex ${'1'.repeat(40)}..${idOf('f')}\n`,
      'n',
      null,
      /old blob/,
    ],
    [
      'a submodule that is no commit',
      on('sub', `@@ -1 +1 @@\n-Subproject commit ${'1'.repeat(40)}\n+x\n`),
      'sub',
      null,
      /submodule/,
    ],
  ])('%s', (_, patch, path, hunk, because) => {
    expect(apply(patch)).toEqual({ ok: false, refusal: { path, hunk, because: expect.stringMatching(because) } })
  })
})
