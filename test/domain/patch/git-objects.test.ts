import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { applyEdits, blobId, treeBytes } from '../../../src/domain/git-objects.ts'
import { comparePaths, Edit, type Entry } from '../../../src/domain/patch/edit.ts'
import { realGit } from './real-git.ts'

const git = realGit()
afterAll(() => git.remove())

const blob = blobId(Buffer.from('x'))
const file = (path: string): Entry => ({ path, mode: '100644', blob })
const create = (path: string): Edit => ({ path, before: null, after: { mode: '100644', blob } })

test('a blob has the id that git gives it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(blobId(bytes)).toBe(git.text(['hash-object', '--stdin'], bytes))
    }),
    { numRuns: 20 },
  )
})

test('a tree object has the bytes that git stores', () => {
  const id = git.text(['mktree', '--missing'], Buffer.from(`100644 blob ${blob}\ta\n040000 tree ${blob}\tb\n`))
  const children = [{ mode: '100644', name: 'a', id: blob } as const, { mode: '40000', name: 'b', id: blob } as const]
  expect(Buffer.from(treeBytes(children)).equals(git.run(['cat-file', 'tree', id]))).toBe(true)
})

test('no files make the empty tree', () => {
  const emptied = applyEdits([file('a/b')], [{ path: 'a/b', before: { mode: '100644', blob }, after: null }])
  expect(emptied).toEqual({ ok: true, value: { entries: [], treeId: git.text(['mktree'], Buffer.alloc(0)) } })
})

test('a tree of ten thousand files has the id that git write-tree says', () => {
  const paths = Array.from({ length: 10_000 }, (_, i) => `d${i % 97}/é${i % 13}.d/${i % 7}/f${i}`)
  const base = paths.map(file)
  const index = base.map(({ mode, blob, path }) => `${mode} ${blob}\t${path}\0`).join('')
  git.run(['update-index', '--add', '-z', '--index-info'], Buffer.from(index))
  const applied = applyEdits(base, [])
  expect(applied.ok && applied.value.treeId).toBe(git.text(['write-tree', '--missing-ok']))
})

test('paths sort as their UTF-8 bytes do', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

describe('edits that do not fit the base are refused', () => {
  test.each<[string, Entry[], Edit[], string, RegExp]>([
    ['a base with a path twice', [file('a'), file('a')], [], 'a', /twice/],
    ['a path edited twice', [], [create('a'), create('a')], 'a', /twice/],
    ['a creation over a file', [file('a')], [create('a')], 'a', /expects nothing there/],
    [
      'a deletion of nothing',
      [],
      [{ path: 'a', before: { mode: '100644', blob }, after: null }],
      'a',
      /base has nothing/,
    ],
    ['another mode', [file('a')], [{ path: 'a', before: { mode: '100755', blob }, after: null }], 'a', /mode 100755/],
    ['a file below a file', [file('a'), file('a.c')], [create('a/b')], 'a/b', /both a file and a folder/],
    ['a file over a folder', [file('a/b'), file('a.c')], [create('a')], 'a/b', /both a file and a folder/],
    ['a climbing path', [], [create('a/../b')], 'a/../b', /relative path/],
    ['an absolute path', [], [create('/a')], '/a', /relative path/],
    ['half a surrogate pair', [], [create('\ud800')], '\ud800', /surrogate/],
    ['no change', [file('a')], [{ path: 'a', before: file('a'), after: file('a') }], 'a', /changes nothing/],
  ])('%s', (_, base, edits, path, because) => {
    expect(applyEdits(base, edits)).toEqual({ ok: false, refusal: { path, because: expect.stringMatching(because) } })
  })
})

test('the schema of an edit takes nothing else', () => {
  expect(Edit.safeParse(create('a')).success).toBe(true)
  const wrong = [
    { ...create('a'), extra: 1 },
    { ...create('a'), after: { mode: '100600', blob } },
    { ...create('a'), after: { mode: '100644', blob: 'abc' } },
    { path: 'a', before: null, after: null },
    create(''),
    create('a\0b'),
  ]
  for (const edit of wrong) expect(Edit.safeParse(edit).success).toBe(false)
})
