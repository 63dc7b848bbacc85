import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blobId } from '../../../src/domain/git-objects.ts'
import { changedLines } from '../../../src/domain/patch/changed-lines.ts'
import type { Edit, Entry, FileMode } from '../../../src/domain/patch/edit.ts'
import { type EditsInQuestion, judgeEdits } from '../../../src/domain/patch/judge-edits.ts'

/** Paths with their text before and after; a pair of mode and text where the mode matters. */
type Files = Readonly<Record<string, string | readonly [FileMode, string]>>
const none = { symlinks: false, submodules: false }
const wide = { files: 100, lines: 1000, bytes: 1_000_000 }

function question(before: Files, after: Files, more: Partial<EditsInQuestion> = {}): EditsInQuestion {
  const contents = new Map<string, Uint8Array>()
  const read = (files: Files) =>
    new Map(
      Object.entries(files).map(([path, file]): [string, Entry] => {
        const [mode, text] = typeof file === 'string' ? (['100644', file] as const) : file
        const bytes = Buffer.from(text)
        const blob = mode === '160000' ? text : blobId(bytes)
        if (mode !== '160000') contents.set(blob, bytes)
        return [path, { path, mode, blob }]
      }),
    )
  const [from, to] = [read(before), read(after)]
  const edits = [...new Set([...from.keys(), ...to.keys()])]
    .map((path): Edit => ({ path, before: stateOf(from.get(path)), after: stateOf(to.get(path)) }))
    .filter(({ before, after }) => before?.blob !== after?.blob || before?.mode !== after?.mode)
  return { edits, base: [...from.values()], contents, limits: wide, allow: none, ...more }
}

function stateOf(entry: Entry | undefined) {
  return entry === undefined ? null : { mode: entry.mode, blob: entry.blob }
}

/** A change that creates one file of these bytes. */
function creating(bytes: Uint8Array): EditsInQuestion {
  const after = { mode: '100644', blob: blobId(bytes) } as const
  return { ...question({}, {}), edits: [{ path: 'a', before: null, after }], contents: new Map([[after.blob, bytes]]) }
}

const rulesOf = (asked: EditsInQuestion) => judgeEdits(asked).map(({ rule, path }) => `${rule} ${path ?? ''}`.trim())
const link = (target: string) => ['120000', target] as const
const commit = ['160000', '1'.repeat(40)] as const

describe('an ordinary change passes', () => {
  test.each<[string, Files, Files]>([
    ['text edited, made and removed', { a: '1\n', b: '2\n' }, { a: '2\n', 'c/d': 'x' }],
    ['a program', { a: 'x' }, { a: ['100755', 'x'] }],
    ['a folder in place of a file', { a: '1' }, { 'a/x': '1' }],
    ['a file in place of a folder', { 'a/x': '1' }, { a: '1' }],
    ['a case-only rename', { Readme: 'x' }, { readme: 'x' }],
    ['a case-only rename of a folder', { 'Src/x': '1', 'Src/y': '2' }, { 'src/x': '1', 'src/y': '2' }],
    ['an old twin left alone', { 'x.h': '1', 'X.h': '2', y: '1' }, { 'x.h': '1', 'X.h': '2', y: '2' }],
    ['an old device name mended', { 'aux.c': '1' }, { 'aux.c': '2' }],
    ['an old backslash removed', { 'a\\b': '1' }, {}],
    ['a link removed', { l: link('a') }, {}],
    ['emoji, keycaps and Persian', {}, { a: '👩‍💻 ❤️ 1️⃣ می‌خواهم\n' }],
    ['a byte order mark at the start', {}, { a: '\ufeffclass X {}\n' }],
    ['hidden text that was there', { a: 'x\u202ey\nb\n' }, { a: 'x\u202ey\nc\n' }],
  ])('%s', (_, before, after) => expect(judgeEdits(question(before, after))).toEqual([]))

  test('binary content', () => {
    expect(judgeEdits(creating(Buffer.from([0, 0xe2, 0x80, 0xae, 0xff])))).toEqual([])
  })
})

describe('a change is refused by the rule that it breaks', () => {
  test.each<[string, Files, Files, string]>([
    ['a link', {}, { l: link('a') }, 'symlink l'],
    ['a file turned into a link', { l: 'a' }, { l: link('a') }, 'symlink l'],
    ['a submodule', {}, { s: commit }, 'submodule s'],
    ['a submodule removed', { s: commit }, {}, 'submodule s'],
    ['.gitmodules', {}, { '.gitmodules': 'x' }, 'submodule .gitmodules'],
    [
      'a path below a link of the base',
      { l: link('/etc') },
      { l: link('/etc'), 'l/passwd': 'x' },
      'path-through-symlink l/passwd',
    ],
    ['a path below a link removed on the way', { l: link('a') }, { 'l/x': 'x' }, 'path-through-symlink l/x'],
    [
      'a path below a link in other case',
      { L: link('/etc') },
      { L: link('/etc'), 'l/x': 'x' },
      'path-through-symlink l/x',
    ],
    ['a path below a link of the patch', {}, { L: link('/etc'), 'l/x': 'x' }, 'path-through-symlink l/x'],
    ['case twins', { 'a/x': '1' }, { 'a/x': '1', 'A/y': '2' }, 'path-collision A/y'],
    ['twins within the patch', {}, { x: '1', X: '2' }, 'path-collision X'],
    ['twins in normal form', { é: '1' }, { é: '1', 'e\u0301': '2' }, 'path-collision e\u0301'],
    ['twins by a trailing dot', { a: '1' }, { a: '1', 'a.': '2' }, 'path-collision a.'],
    [
      'a folder renamed but for one file',
      { 'Src/x': '1', 'Src/y': '2' },
      { 'Src/y': '2', 'src/x': '1' },
      'path-collision src/x',
    ],
    ['a file like a folder', { 'Src/x': '1' }, { 'Src/x': '1', src: '2' }, 'path-collision src'],
    ['a path below a file', { a: '1' }, { a: '1', 'a/x': '2' }, 'path-file-and-folder a/x'],
    ['a path below a submodule', { s: commit }, { s: commit, 's/x': '2' }, 'path-file-and-folder s/x'],
    ['a file in place of a folder that stays', { 'a/x': '1' }, { 'a/x': '1', a: '2' }, 'path-file-and-folder a'],
    ['a file and a folder within the patch', {}, { 'a/b': '1', 'a/b/c': '2' }, 'path-file-and-folder a/b/c'],
    ['a .git path', {}, { '.git/hooks/pre-commit': 'x' }, 'path-git-folder .git/hooks/pre-commit'],
    ['a bidi override', { a: 'x\n' }, { a: 'x\nif (a\u202e) {\n' }, 'hidden-text a'],
    ['a zero-width space', {}, { a: 'pay\u200bpal\n' }, 'hidden-text a'],
    ['tags', {}, { a: `x${String.fromCodePoint(0xe0041, 0xe0042)}\n` }, 'hidden-text a'],
    ['a byte order mark in the middle', {}, { a: 'x\n\ufeffy\n' }, 'hidden-text a'],
    ['a variation selector on a letter', {}, { a: 'a\ufe01b\n' }, 'hidden-text a'],
    ['text hidden behind a NUL', {}, { a: 'x\0\u202e\n' }, 'hidden-text a'],
  ])('%s', (_, before, after, rule) => expect(rulesOf(question(before, after))).toContain(rule))

  test('hidden text is shown', () => {
    const faults = judgeEdits(question({}, { a: '1\nif (a\u202e) {\n' }))
    expect(faults[0]?.because).toBe('"a" gains hidden characters (U+202E) on line 2: if (a<U+202E>) {')
  })

  test('hidden text in UTF-16 and in broken UTF-8 is seen', () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a\u202eb\n', 'utf16le')])
    const broken = Buffer.concat([Buffer.from([0xe9, 0x0a]), Buffer.from('a\u202eb\n')])
    for (const bytes of [utf16, broken]) expect(rulesOf(creating(bytes))).toEqual(['hidden-text a'])
  })

  test('a base that is not what the edit says', () => {
    expect(rulesOf({ ...question({ a: '1' }, { a: '2' }), base: [] })).toEqual(['before-mismatch a'])
  })

  test('a twin that only a removal of what is not there would take away', () => {
    const asked = question({ 'A/x': '1' }, { 'A/x': '1', a: '2' })
    const removal: Edit = { path: 'A', before: { mode: '100644', blob: blobId(Buffer.from('1')) }, after: null }
    expect(rulesOf({ ...asked, edits: [...asked.edits, removal] })).toContain('path-collision a')
  })

  test('a path edited twice', () => {
    const asked = question({ a: '1' }, { a: '2' })
    expect(rulesOf({ ...asked, edits: [...asked.edits, ...asked.edits] })).toEqual(['path-twice a'])
  })

  test('content that is missing, or is not what its id says', () => {
    const asked = question({}, { a: 'x' })
    const blob = blobId(Buffer.from('x'))
    expect(rulesOf({ ...asked, contents: new Map() })).toEqual(['content-missing a'])
    expect(rulesOf({ ...asked, contents: new Map([[blob, Buffer.from('y')]]) })).toEqual(['content-mismatch a'])
  })
})

describe('what policy allows passes, within bounds', () => {
  const allow = { symlinks: true, submodules: true }
  test('links inside the tree and submodules', () => {
    const after = { 'a/l': link('../b/c'), m: link('a'), s: commit, '.gitmodules': 'x' }
    expect(judgeEdits(question({}, after, { allow }))).toEqual([])
  })

  test('a folder in place of a link', () => {
    expect(judgeEdits(question({ l: link('a') }, { 'l/x': 'x' }, { allow }))).toEqual([])
  })

  test.each(['/etc/passwd', '..', '../x', 'b/../../x', 'C:\\x', 'a\\b', '.git/config', 'GIT~1', ''])(
    'but no link to %j',
    (target) => {
      expect(rulesOf(question({}, { l: link(target) }, { allow }))).toContain('symlink-escapes l')
    },
  )
})

test('limits hold to the last file, line and byte', () => {
  const asked = question({ a: '1\n2\n3\n', b: 'x\n' }, { a: '1\nz\n3\n' })
  const under = (limits: Partial<typeof wide>) => rulesOf({ ...asked, limits: { ...wide, ...limits } })
  expect(under({ files: 2, lines: 3, bytes: 6 })).toEqual([])
  expect(under({ files: 1 })).toEqual(['too-many-files'])
  expect(under({ lines: 2 })).toEqual(['too-many-lines'])
  expect(under({ bytes: 5 })).toEqual(['too-many-bytes'])
})

test('changed lines are those of the shortest edit', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 20 })
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      expect(changedLines(textOf(a), textOf(b))).toBe(a.length + b.length - 2 * commonLength(a, b))
    }),
  )
})

function textOf(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
}

/** The longest common subsequence by the textbook's table. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  const table = a.map(() => b.map(() => 0))
  const at = (i: number, j: number) => table[i]?.[j] ?? 0
  for (const [i, x] of a.entries()) {
    for (const [j, y] of b.entries()) {
      const row = table[i]
      if (row !== undefined) row[j] = x === y ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1))
    }
  }
  return at(a.length - 1, b.length - 1)
}
