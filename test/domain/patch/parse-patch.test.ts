import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parsePatch } from '../../../src/domain/patch/parse-patch.ts'
import { inflate } from './real-git.ts'

const parse = (text: string) => parsePatch(Buffer.from(text, 'latin1'), { inflate })
const hunk = '@@ -1 +1 @@\n-a\n+b\n'
const plain = `--- a/f\n+++ b/f\n${hunk}`
const gitHead = 'diff --git a/f b/f\nindex 1234567..89abcde 100644\n'
const zeros = '0'.repeat(40)
const ones = '1'.repeat(40)

describe('a patch with one reading is read', () => {
  test('plain diff -u, with its times and its command line', () => {
    const parsed = parse(`diff -ruN a/f b/f\n--- a/f\t2026-01-01 00:00:00.0 +0000\n+++ b/f\t2026-01-02\n${hunk}`)
    expect(parsed).toMatchObject({
      ok: true,
      value: [{ change: { is: 'modify', path: 'f', modes: { before: null, after: null } }, blobs: null }],
    })
  })

  test('a plain creation and a plain deletion', () => {
    const created = parse('--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n--- a/g\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n')
    expect(created).toMatchObject({
      value: [
        { change: { is: 'create', path: 'f', mode: '100644' } },
        { change: { is: 'delete', path: 'g', mode: null } },
      ],
    })
  })

  test('names with spaces, quotes and octal bytes', () => {
    const text = 'diff --git "a/\\303\\251 \\"\\t\\n" "b/\\303\\251 \\"\\t\\n"\nold mode 100644\nnew mode 100755\n'
    expect(parse(text)).toMatchObject({ value: [{ change: { path: 'é "\t\n' } }] })
    const spaced = 'diff --git a/x b/x b/x b/x\nold mode 100644\nnew mode 100755\n'
    expect(parse(spaced)).toMatchObject({ value: [{ change: { path: 'x b/x' } }] })
  })

  test('bytes that are not UTF-8 stay what they are', () => {
    const parsed = parse(`--- a/f\n+++ b/f\n@@ -1 +1 @@\n-\xff\xfe\r\n+\x80\n`)
    const body = parsed.ok ? parsed.value[0]?.body : undefined
    const lines = body?.is === 'text' ? body.hunks[0]?.lines : undefined
    expect(lines?.map(({ bytes }) => Buffer.from(bytes).toString('latin1'))).toEqual(['\xff\xfe\r\n', '\x80\n'])
  })

  test('a deleted line that looks like a header stays a deleted line', () => {
    const parsed = parse('--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n--- a/g\n-diff --git a/x b/x\n+++ b/y\n')
    expect(parsed).toMatchObject({ ok: true, value: [{ change: { path: 'f' } }] })
  })
})

const binaryHead = `diff --git a/f b/f\nindex ${ones}..${'2'.repeat(40)} 100644\nGIT binary patch\n`

describe('a patch that is malformed or has two readings is refused, with the line', () => {
  test.each<[string, string, number, RegExp]>([
    ['nothing', '', 1, /empty/],
    ['a text before the files', `hello\n${plain}`, 1, /text outside/],
    ['a mail signature', `${plain}-- \n2.39.5\n`, 6, /text outside/],
    ['a torn last line', plain.slice(0, -1), 5, /middle of a line/],
    ['a torn hunk', '--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n', 5, /middle of a hunk/],
    ['too many lines', '--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n-a\n+b\n+c\n-d\n', 6, /more lines/],
    ['a head without hunk', '--- a/f\n+++ b/f\n', 3, /hunk .* expected/],
    ['a hunk that changes nothing', '--- a/f\n+++ b/f\n@@ -1 +1 @@\n a\n', 3, /changes nothing/],
    ['a hunk head with words for numbers', '--- a/f\n+++ b/f\n@@ -one +1 @@\n-a\n+b\n', 3, /head of the hunk/],
    ['a combined diff', 'diff --cc f\n', 1, /text outside/],
    ['line zero', '--- a/f\n+++ b/f\n@@ -0 +1 @@\n-a\n+b\n', 3, /counted from 1/],
    ['overlapping hunks', `${plain}@@ -1 +1 @@\n-b\n+c\n`, 6, /overlaps/],
    ['a new position that lies', '--- a/f\n+++ b/f\n@@ -1 +7 @@\n-a\n+b\n', 3, /new position/],
    ['a second newline mark', `${plain}\\ No newline at end of file\n\\ No newline at end of file\n`, 7, /second mark/],
    ['an unknown mark', `${plain}\\ odd\n`, 6, /unknown mark/],
    [
      'a line after the last',
      '--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n-a\n+b\n\\ No newline at end of file\n+c\n',
      7,
      /marked as the last/,
    ],
    ['a strange sign', '--- a/f\n+++ b/f\n@@ -1 +1 @@\n*a\n+b\n', 4, /must begin/],
    ['names without prefix', `--- f\n+++ f\n${hunk}`, 1, /begin with a\//],
    ['mnemonic prefixes', `--- i/f\n+++ w/f\n${hunk}`, 1, /begin with a\//],
    ['an absolute name', `--- /etc/passwd\n+++ /etc/passwd\n${hunk}`, 1, /begin with a\//],
    ['two plain names', `--- a/f\n+++ b/g\n${hunk}`, 1, /names differ/],
    ['two nulls', `--- /dev/null\n+++ /dev/null\n${hunk}`, 1, /names differ/],
    ['a name of invalid bytes', `--- a/\xff\n+++ b/\xff\n${hunk}`, 1, /not valid UTF-8/],
    ['a NUL in a name', `--- a/f\0\n+++ b/f\0\n${hunk}`, 1, /NUL/],
    ['a converted patch', `--- a/f\r\n+++ b/f\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n`, 1, /carriage return/],
    ['a time in a git head', `${gitHead}--- a/f\t2026\n+++ b/f\n${hunk}`, 3, /follows the file name/],
    ['an open quote', `--- "a/f\n+++ "b/f"\n${hunk}`, 1, /does not end/],
    ['an unknown escape', `--- "a/\\x41"\n+++ "b/\\x41"\n${hunk}`, 1, /unknown escape/],
    ['an octal over 377', `--- "a/\\777"\n+++ "b/\\777"\n${hunk}`, 1, /unknown escape/],
    ['a head that names another file', `diff --git a/f b/f\n--- a/g\n+++ b/g\n${hunk}`, 1, /differ from those below/],
    ['a change without change', 'diff --git a/f b/f\n', 1, /nothing changes/],
    ['an index without hunk', gitHead, 1, /no hunk/],
    ['an odd mode', 'diff --git a/f b/f\nold mode 100644\nnew mode 100600\n', 1, /mode is not/],
    ['a setuid file', 'diff --git a/f b/f\nnew file mode 104755\n', 1, /mode is not/],
    ['a mode that stays', 'diff --git a/f b/f\nold mode 100644\nnew mode 100644\n', 1, /stays/],
    ['half a mode change', 'diff --git a/f b/f\nold mode 100644\n', 1, /go together/],
    ['the same header twice', 'diff --git a/f b/f\nold mode 100644\nold mode 100644\n', 3, /said twice/],
    ['new and deleted', 'diff --git a/f b/f\nnew file mode 100644\ndeleted file mode 100644\n', 1, /create and delete/],
    [
      'a new file with an old name',
      `diff --git a/f b/f\nnew file mode 100644\n--- a/f\n+++ b/f\n${hunk}`,
      1,
      /contradict/,
    ],
    ['an old file from nowhere', `diff --git a/f b/f\n--- /dev/null\n+++ b/f\n${hunk}`, 1, /contradict/],
    [
      'a mode said twice',
      `diff --git a/f b/f\nnew file mode 100644\nindex ${zeros}..${ones} 100644\n`,
      1,
      /given twice/,
    ],
    ['half a rename', 'diff --git a/f b/g\nrename from f\n', 1, /go together/],
    ['a rename to itself', 'diff --git a/f b/f\nrename from f\nrename to f\n', 1, /the same/],
    ['a rename of other files', 'diff --git a/f b/g\nrename from f\nrename to h\n', 1, /differ from/],
    ['a malformed index', 'diff --git a/f b/f\nindex xyz..abc\n', 1, /index line/],
    ['two names without reason', 'diff --git a/f b/g\nold mode 100644\nnew mode 100755\n', 1, /differ/],
    ['binary content left out', `${gitHead}Binary files a/f and b/f differ\n`, 3, /leaves out/],
    ['binary without ids', 'diff --git a/f b/f\nGIT binary patch\nliteral 0\nHcmV?d00001\n\n', 1, /full ids/],
    ['binary of an unknown kind', `${binaryHead}magic 0\n`, 4, /literal SIZE/],
    [
      'binary that inflates to more',
      `${binaryHead}literal 0\n${base85Line(deflateSync(Buffer.from('x')))}\n\n`,
      4,
      /inflate/,
    ],
    ['binary of a gigabyte', `${binaryHead}literal 1000000000\nHcmV?d00001\n\n`, 4, /limit/],
    ['binary with a strange letter', `${binaryHead}literal 0\nHcmV?d0000"\n\n`, 5, /base85/],
    ['binary with a wrong length', `${binaryHead}literal 0\nGcmV?d00001\n\n`, 5, /base85/],
    ['binary without end', `${binaryHead}literal 0\nHcmV?d00001\n`, 6, /middle of binary/],
  ])('%s', (_, text, line, because) => {
    expect(parse(text)).toEqual({ ok: false, refusal: { line, because: expect.stringMatching(because) } })
  })
})

function base85Line(bytes: Uint8Array): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'
  const letter = String.fromCharCode(bytes.length <= 26 ? 64 + bytes.length : 70 + bytes.length)
  const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
  const groups = Array.from({ length: padded.length / 4 }, (_, i) => {
    let value = padded.readUInt32BE(4 * i)
    let text = ''
    for (let digit = 0; digit < 5; digit += 1) {
      text = alphabet.charAt(value % 85) + text
      value = Math.floor(value / 85)
    }
    return text
  })
  return letter + groups.join('')
}
