import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blobId } from '../../../src/domain/git-objects.ts'
import { type BaseFiles, toBaseFiles } from '../../../src/domain/packs/base-files.ts'
import { evidenceFact, type Sources } from '../../../src/domain/packs/evidence-facts.ts'
import { nearPaths } from '../../../src/domain/packs/near-paths.ts'
import { differenceOf, type PathFact, pathFacts } from '../../../src/domain/packs/path-facts.ts'
import type { Entry } from '../../../src/domain/patch/edit.ts'

const blob = (text: string) => blobId(Buffer.from(text))
const base: BaseFiles = toBaseFiles([
  { path: 'src/Index.ts', mode: '100644', blob: blob('a\nb\n') },
  { path: 'src/lib/deep.ts', mode: '100755', blob: blob('b') },
  { path: 'caf\u00e9.md', mode: '100644', blob: blob('c') },
  { path: 'link', mode: '120000', blob: blob('src') },
  { path: 'module', mode: '160000', blob: blob('d') },
])

const fact = (path: string, claims: PathFact['claims'] = 'exists', gone: ReadonlySet<string> = new Set()) =>
  pathFacts([{ path, claims }], base, gone)[0]

describe('what is at a path is told apart', () => {
  test.each<[string, string, Partial<PathFact>]>([
    ['a file', 'src/lib/deep.ts', { found: { mode: '100755', blob: blob('b') }, isFolder: false, near: [] }],
    ['a folder', 'src/lib', { found: null, isFolder: true, near: [] }],
    ['another case', 'src/index.ts', { found: null, alike: ['src/Index.ts'], near: ['src/Index.ts'] }],
    [
      'another case of a folder',
      'SRC/lib/deep.ts',
      { found: null, alike: expect.arrayContaining(['src', 'src/lib/deep.ts']) },
    ],
    ['another Unicode form', 'cafe\u0301.md', { found: null, alike: ['caf\u00e9.md'] }],
    ['behind a symlink', 'link/lib/deep.ts', { found: null, through: { path: 'link', mode: '120000' } }],
    ['in a submodule', 'module/x.c', { found: null, through: { path: 'module', mode: '160000' } }],
    ['below a file', 'src/Index.ts/x', { found: null, through: { path: 'src/Index.ts', mode: '100644' } }],
    ['moved', 'old/deep.ts', { found: null, near: ['src/lib/deep.ts'] }],
  ])('%s', (_what, path, expected) => {
    expect(fact(path)).toMatchObject(expected)
  })
})

test('what a draft deletes stands in the way of nothing new', () => {
  expect(fact('src/index.ts', 'is-new')?.alike).toEqual(['src/Index.ts'])
  expect(fact('src/index.ts', 'is-new', new Set(['src/Index.ts']))?.alike).toEqual([])
  expect(fact('module/x.c', 'is-new', new Set(['module']))?.through).toBeNull()
  expect(fact('src/lib', 'is-new', new Set(['src/lib/deep.ts']))?.isFolder).toBe(false)
  expect(fact('src/Index.ts', 'exists', new Set(['src/Index.ts']))?.found).not.toBeNull()
})

test('what keeps two paths apart is named', () => {
  expect(differenceOf('A', 'a')).toBe('case')
  expect(differenceOf('\u00e9', 'e\u0301')).toBe('its Unicode form')
  expect(differenceOf('a', 'a\u200b')).toBe('characters that are not seen')
})

const name = fc.stringMatching(/^[a-zA-Z.\u00e9]{1,6}$/).filter((part) => part !== '.' && part !== '..')
const paths = fc.array(
  fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  { maxLength: 15 },
)

const treeOf = (all: readonly string[]) => {
  const entries: Entry[] = []
  for (const path of all) {
    const isFree = entries.every(
      (one) => !`${one.path}/`.startsWith(`${path}/`) && !`${path}/`.startsWith(`${one.path}/`),
    )
    if (isFree) entries.push({ path, mode: '100644', blob: blob(path) })
  }
  return toBaseFiles(entries)
}

describe('for every tree', () => {
  test('a path is found exactly when the tree has it', () => {
    fc.assert(
      fc.property(paths, fc.array(name, { minLength: 1, maxLength: 3 }), (all, parts) => {
        const tree = treeOf(all)
        const path = parts.join('/')
        const [seen] = pathFacts([{ path, claims: 'exists' }], tree)
        expect(seen?.found !== null).toBe(tree.entries.has(path))
        expect(seen?.isFolder).toBe(tree.folders.has(path))
      }),
    )
  })

  test('what is suggested exists, is never the path itself, and is at most three', () => {
    fc.assert(
      fc.property(paths, fc.array(name, { minLength: 1, maxLength: 3 }), (all, parts) => {
        const tree = treeOf(all)
        const path = parts.join('/')
        const [seen] = pathFacts([{ path, claims: 'exists' }], tree)
        for (const near of [...(seen?.near ?? []), ...(seen?.alike ?? [])]) {
          expect(tree.entries.has(near) || tree.folders.has(near)).toBe(true)
          expect(near).not.toBe(path)
        }
        expect(nearPaths(path, tree.entries.keys()).length).toBeLessThanOrEqual(3)
      }),
    )
  })
})

describe('evidence leads somewhere, or says why not', () => {
  const sha = 'a'.repeat(40)
  const sources: Sources = {
    base: { sha, files: base, text: (path) => (path === 'src/Index.ts' ? 'a\nb\n' : undefined) },
    comments: ['42'],
    events: [{ stream: 'run/r', seq: 7 }],
  }
  const index = blob('a\nb\n')

  test.each([
    `src/Index.ts@${index}`,
    `src/Index.ts@${sha}`,
    `src/Index.ts:2@${index}`,
    `src/Index.ts@${sha}:1-2`,
    'src/Index.ts:1',
    'src/Index.ts:1-2',
    'comment:42',
    'event:run/r#7',
  ])('%s', (ref) => {
    expect(evidenceFact(ref, sources)).toEqual({ ref, fault: null, near: [] })
  })

  test.each<[string, RegExp]>([
    ['src/Index.ts', /neither which blob/],
    [`src/Index.ts@${'b'.repeat(40)}`, /other content/],
    ['src/Index.ts@abc1234', /neither which blob/],
    [`src/index.ts@${index}`, /no file/],
    ['src/Index.ts:3', /has 2 lines/],
    ['src/Index.ts:0', /has 2 lines/],
    ['src/Index.ts:2-1', /has 2 lines/],
    ['link:1', /not text/],
    ['comment:43', /no comment of this run/],
    ['event:run/r#8', /no event/],
    ['', /neither/],
  ])('%s does not', (ref, because) => {
    expect(evidenceFact(ref, sources).fault).toMatch(because)
  })

  test('a near miss is named', () => {
    expect(evidenceFact(`src/index.ts@${index}`, sources).near).toEqual(['src/Index.ts'])
  })
})
