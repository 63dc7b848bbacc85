import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { applyEdits, blobId } from '../../../src/domain/git-objects.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { applyPatch } from '../../../src/domain/patch/apply-patch.ts'
import { parsePatch } from '../../../src/domain/patch/parse-patch.ts'
import { diffSha256, rawDiff } from '../../../src/domain/patch/raw-diff.ts'
import { commitTrees, entriesOf, inflate, readerOf, realGit, type TestTree, treePair } from './real-git.ts'

const git = realGit()
afterAll(() => git.remove())

const formats = [
  ['--binary', '--full-index', '--no-renames'],
  ['--binary', '--full-index', '-M', '-C', '--find-copies-harder'],
  ['--binary', '--full-index', '-M', '-B', '-U0'],
  ['--binary', '--full-index', '--no-renames', '--text'],
]

test.each(formats)('a patch that git made with %s %s %s %s makes the tree that git has', (...options) => {
  fc.assert(
    fc.property(treePair, ([base, next]) => {
      const [from = '', to = ''] = commitTrees(git, [base, next])
      const patch = git.run(['-c', 'core.quotePath=false', 'diff', ...options.filter(Boolean), from, to])
      if (patch.length === 0) return
      landsAsGitSays({ base, patch, from, to })
    }),
    { numRuns: 30 },
  )
})

test('a patch with quoted names and abbreviated ids makes the tree that git has', () => {
  fc.assert(
    fc.property(treePair, ([base, next]) => {
      fc.pre(isText(base) && isText(next))
      const [from = '', to = ''] = commitTrees(git, [base, next])
      const patch = git.run(['-c', 'core.quotePath=true', 'diff', '--no-renames', from, to])
      if (patch.length > 0) landsAsGitSays({ base, patch, from, to })
    }),
    { numRuns: 30 },
  )
})

function isText(tree: TestTree): boolean {
  return [...tree.values()].every(({ bytes }) => !bytes.includes(0))
}

function landsAsGitSays(given: { base: TestTree; patch: Uint8Array; from: string; to: string }): void {
  const { base, patch, from, to } = given
  const parsed = parsePatch(patch, { inflate })
  if (!parsed.ok) throw new Error(`${JSON.stringify(parsed.refusal)}\n${Buffer.from(patch).toString('latin1')}`)
  const applied = applyPatch(parsed.value, readerOf(base))
  if (!applied.ok) throw new Error(`${JSON.stringify(applied.refusal)}\n${Buffer.from(patch).toString('latin1')}`)
  const { edits, contents } = applied.value
  const tree = applyEdits(entriesOf(git, from), edits)
  if (!tree.ok) throw new Error(JSON.stringify(tree.refusal))
  expect(tree.value.treeId).toBe(git.text(['rev-parse', `${to}^{tree}`]))
  const raw = git.run(['diff-tree', '-r', '-z', '--no-renames', '--full-index', from, to])
  expect(Buffer.from(rawDiff(edits)).equals(raw)).toBe(true)
  expect(diffSha256(edits)).toBe(sha256Hex(raw))
  for (const [id, bytes] of contents) expect(blobId(bytes)).toBe(id)
}
