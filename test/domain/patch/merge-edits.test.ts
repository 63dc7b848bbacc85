import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blobId } from '../../../src/domain/git-objects.ts'
import { concatBytes } from '../../../src/domain/patch/bytes.ts'
import type { Edit, FileMode, FileState } from '../../../src/domain/patch/edit.ts'
import { carryEdits, inverseEdits } from '../../../src/domain/patch/merge-edits.ts'
import { type MergedLines, mergeLines } from '../../../src/domain/patch/merge-lines.ts'

const utf8 = (text: string) => Buffer.from(text)
const lines = (...each: readonly string[]) => each.map((line) => `${line}\n`).join('')

function merged(base: string, ours: string, theirs: string): string | MergedLines {
  const result = mergeLines({ base: utf8(base), ours: utf8(ours), theirs: utf8(theirs) })
  return result.is === 'merged' ? Buffer.from(result.bytes).toString() : result
}

describe('merging the lines of one file', () => {
  const base = lines('a', 'b', 'c', 'd', 'e')

  test('a change of each side, with an untouched line between them, is kept', () => {
    expect(merged(base, lines('A', 'b', 'c', 'd', 'e'), lines('a', 'b', 'C', 'd', 'e', 'f'))).toBe(
      lines('A', 'b', 'C', 'd', 'e', 'f'),
    )
  })

  test('changes of neighbouring lines are a clash that names the lines', () => {
    expect(merged(base, lines('a', 'B', 'c', 'd', 'e'), lines('0', 'a', 'b', 'C', 'd', 'e'))).toStrictEqual({
      is: 'clash',
      clashes: [{ base: { from: 2, count: 2 }, ours: { from: 2, count: 2 }, theirs: { from: 3, count: 2 } }],
    })
  })

  test('the same change on both sides is no clash', () => {
    expect(merged(base, lines('a', 'X', 'c', 'd', 'e'), lines('a', 'X', 'c', 'd', 'E'))).toBe(
      lines('a', 'X', 'c', 'd', 'E'),
    )
  })

  test('an insertion that could stand at several places clashes with a change at any of them', () => {
    const runs = lines('x', 'x', 'x', 'y', 'z')
    expect(merged(runs, lines('x', 'x', 'x', 'x', 'y', 'z'), lines('X', 'x', 'x', 'y', 'z'))).toMatchObject({
      is: 'clash',
    })
  })

  test('carriage returns and a missing final newline stay as they are', () => {
    expect(merged('a\r\nb\r\nc\r\nd', 'A\r\nb\r\nc\r\nd', 'a\r\nb\r\nc\r\nd\r\ne')).toBe('A\r\nb\r\nc\r\nd\r\ne')
  })

  test('bytes that are no text in any encoding stay as they are', () => {
    const bytes = (...each: readonly number[]) => Uint8Array.from(each)
    const [base, ours, theirs] = [
      bytes(0xff, 10, 0xc3, 10, 0x80, 10),
      bytes(0xfe, 10, 0xc3, 10, 0x80, 10),
      bytes(0xff, 10, 0xc3, 10, 0x81, 10),
    ]
    expect(mergeLines({ base, ours, theirs })).toStrictEqual({
      is: 'merged',
      bytes: bytes(0xfe, 10, 0xc3, 10, 0x81, 10),
    })
  })

  test('texts that are too far apart are not merged at all', () => {
    const numbers = (from: number, step: number) =>
      lines(...Array.from({ length: 9000 }, (_, i) => `${from + i * step}`))
    expect(merged(numbers(1, 1), numbers(9000, -1), numbers(1, 1).replace('17\n', 'X\n'))).toStrictEqual({
      is: 'too-large',
    })
  })

  test('a side that changed nothing yields to the other, whatever that did', () => {
    fc.assert(
      fc.property(oddText, oddText, (base, other) => {
        expect(mergeLines({ base, ours: base, theirs: other })).toStrictEqual({ is: 'merged', bytes: other })
        expect(mergeLines({ base, ours: other, theirs: other })).toStrictEqual({ is: 'merged', bytes: other })
      }),
    )
  })

  test('it makes no difference which side is ours', () => {
    fc.assert(
      fc.property(threeTexts, ({ base, ours, theirs }) => {
        const there = mergeLines({ base, ours, theirs })
        const back = mergeLines({ base, ours: theirs, theirs: ours })
        if (there.is === 'clash' && back.is === 'clash')
          expect(back.clashes.map(({ base }) => base)).toStrictEqual(there.clashes.map(({ base }) => base))
        else expect(back).toStrictEqual(there)
      }),
    )
  })
})

describe('against git merge-file', () => {
  let dir = ''
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'merge-file-'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  test('what is merged here, git merges to the same bytes', () => {
    let both = 0
    fc.assert(
      fc.property(threeTexts, (texts) => {
        const ours = mergeLines(texts)
        if (ours.is !== 'merged') return
        both += 1
        expect(gitMerge(dir, texts)).toStrictEqual(Buffer.from(ours.bytes))
      }),
      { numRuns: 300, seed: 42 },
    )
    expect(both).toBeGreaterThan(100)
  })
})

type Texts = { readonly base: Uint8Array; readonly ours: Uint8Array; readonly theirs: Uint8Array }

/** Undefined where git leaves conflict markers. */
function gitMerge(dir: string, texts: Texts): Buffer | undefined {
  const names = (['ours', 'base', 'theirs'] as const).map((name) => {
    const path = join(dir, name)
    writeFileSync(path, texts[name])
    return path
  })
  const { status, stdout } = spawnSync('git', ['merge-file', '-p', '-q', ...names], { cwd: dir })
  return status === 0 ? stdout : undefined
}

/** Few different lines, so that there are many ways to read a change; some end in CR, some are no UTF-8. */
const oddLine = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((number) => Buffer.from(`line ${number}\n`)),
  fc.constantFrom(Buffer.from('\n'), Buffer.from('}\n'), Buffer.from('x\r\n'), Buffer.from([0xff, 10])),
)
const ending = fc.constantFrom(Buffer.from(''), Buffer.from(''), Buffer.from('end'), Buffer.from('other end'))
const oddText = fc.tuple(fc.array(oddLine, { maxLength: 25 }), ending).map(([each, end]) => joined([...each, end]))

const threeTexts = fc
  .tuple(fc.array(oddLine, { maxLength: 25 }), ending, changesOf(), changesOf(), fc.tuple(ending, ending))
  .map(([each, end, ours, theirs, [ourEnd, theirEnd]]) => ({
    base: joined([...each, end]),
    ours: joined([...ours(each), ourEnd]),
    theirs: joined([...theirs(each), theirEnd]),
  }))

type LineChange = (each: readonly Buffer[]) => readonly Buffer[]

function changesOf(): fc.Arbitrary<LineChange> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    gone: fc.integer({ min: 0, max: 3 }),
    put: fc.array(oddLine, { maxLength: 3 }),
  })
  return fc
    .array(change, { maxLength: 3 })
    .map(
      (changes) => (each) =>
        changes.reduce<readonly Buffer[]>(
          (now, { at, gone, put }) => now.toSpliced(Math.floor(at * (now.length + 1)), gone, ...put),
          each,
        ),
    )
}

/** A plain array: a Buffer is no deep equal of one. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(parts)
}

describe('carrying edits over', () => {
  const blobs = new Map<string, Uint8Array>()
  const file = (text: string, mode: FileMode = '100644'): FileState => {
    const bytes = utf8(text)
    const blob = blobId(bytes)
    blobs.set(blob, bytes)
    return { mode, blob }
  }
  const [was, our, their] = [lines('1', '2', '3'), lines('1', '2', 'three'), lines('one', '2', '3')].map((text) =>
    file(text),
  )
  const state = (found: FileState | undefined) => found ?? file('')
  const carry = (edit: Omit<Edit, 'path'>, onto: FileState | null) =>
    carryEdits({ edits: [{ path: 'f', ...edit }], onto: new Map([['f', onto]]), contents: blobs })

  test('onto its own base a change stays what it is', () => {
    const edit = { path: 'f', before: state(was), after: state(our) }
    expect(carry(edit, state(was))).toStrictEqual({ is: 'carried', edits: [edit], contents: new Map(), already: [] })
  })

  test('a later change of other lines is kept', () => {
    const both = file(lines('one', '2', 'three'))
    expect(carry({ before: state(was), after: state(our) }, state(their))).toStrictEqual({
      is: 'carried',
      edits: [{ path: 'f', before: state(their), after: both }],
      contents: new Map([[both.blob, new Uint8Array(utf8(lines('one', '2', 'three')))]]),
      already: [],
    })
  })

  test('where the other tree has the result already, nothing is left to do', () => {
    expect(carry({ before: state(was), after: state(our) }, state(our))).toStrictEqual({
      is: 'carried',
      edits: [],
      contents: new Map(),
      already: ['f'],
    })
  })

  test('a mode of one side and lines of the other come together', () => {
    const program = { mode: '100755', blob: state(was).blob } as const
    expect(carry({ before: state(was), after: program }, state(their))).toMatchObject({
      edits: [{ after: { mode: '100755', blob: state(their).blob } }],
    })
    expect(carry({ before: program, after: state(was) }, { ...state(their), mode: '100755' })).toMatchObject({
      edits: [{ after: { mode: '100644', blob: state(their).blob } }],
    })
  })

  const commit = (digit: string): FileState => ({ mode: '160000', blob: digit.repeat(40) })
  test.each([
    ['both create a file, differently', { before: null, after: state(our) }, state(their), 'both sides create it'],
    ['ours removes what they changed', { before: state(was), after: null }, state(their), 'it was changed since'],
    ['ours changes what they removed', { before: state(was), after: state(our) }, null, 'it was removed since'],
    [
      'both change the same line',
      { before: state(was), after: state(our) },
      file(lines('0', '1', '2', '3!')),
      'the same lines: line 3 (now line 4)',
    ],
    [
      'a file becomes a link while they write in it',
      { before: state(was), after: file('target', '120000') },
      state(their),
      'it turns from file into symbolic link or file',
    ],
    [
      'both point a link elsewhere',
      { before: file('a', '120000'), after: file('b', '120000') },
      file('c', '120000'),
      'both sides change the symbolic link',
    ],
    ['both move a submodule', { before: commit('1'), after: commit('2') }, commit('3'), 'change the submodule'],
    [
      'both change binary content',
      { before: file('a\0\n1\n2\n'), after: file('b\0\n1\n2\n') },
      file('a\0\n1\n3\n'),
      'binary content has no lines',
    ],
    [
      'the bytes of a side are not known',
      { before: state(was), after: state(our) },
      { mode: '100644', blob: 'f'.repeat(40) },
      'the bytes of one side are not at hand',
    ],
  ] as const)('it is a conflict when %s', (_, edit, onto, because) => {
    expect(carry(edit, onto)).toStrictEqual({
      is: 'conflict',
      conflicts: [{ path: 'f', because: expect.stringContaining(because) }],
    })
  })

  test('a path of which nobody said what stands there is a conflict', () => {
    const edits = [{ path: 'f', before: null, after: state(our) }]
    expect(carryEdits({ edits, onto: new Map(), contents: blobs })).toMatchObject({ is: 'conflict' })
  })

  test('one conflict keeps everything back', () => {
    const edits = [
      { path: 'f', before: state(was), after: state(our) },
      { path: 'g', before: state(was), after: null },
    ]
    const onto = new Map([
      ['f', state(was)],
      ['g', state(their)],
    ])
    expect(carryEdits({ edits, onto, contents: blobs })).toStrictEqual({
      is: 'conflict',
      conflicts: [{ path: 'g', because: expect.any(String) }],
    })
  })

  test('forward and back again is where it began, and the inverse of the inverse is the change', () => {
    const anyState = fc.option(fc.constantFrom(state(was), state(our), state(their), file('x', '100755')))
    const anyEdits = fc
      .array(fc.tuple(anyState, anyState))
      .map((pairs) => pairs.map(([before, after], i) => ({ path: `f${i}`, before, after })))
    fc.assert(
      fc.property(anyEdits, (all) => {
        const edits = all.filter(({ before, after }) => before !== after)
        expect(inverseEdits(inverseEdits(edits))).toStrictEqual(edits)
        const onto = new Map(edits.map(({ path, after }) => [path, after]))
        expect(carryEdits({ edits: inverseEdits(edits), onto, contents: blobs })).toMatchObject({
          is: 'carried',
          edits: inverseEdits(edits),
        })
      }),
    )
  })
})
