import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { localRepository } from '../../src/adapters/git/local-repository.ts'
import { commitTrees, realGit, type TestFile, type TestTree, treePair } from '../domain/patch/real-git.ts'
import { walkCommit } from './engine.ts'
import { copyOf, type History } from './history.ts'
import { patchOf } from './patch-of.ts'
import { throughPipeline } from './pipeline.ts'
import { count, newTally, type Tally } from './tally.ts'
import { policyOf, widePack } from './wide-pack.ts'

const long = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('')
const file = (content: string | readonly number[], mode: TestFile['mode'] = '100644'): TestFile => ({
  mode,
  bytes: Buffer.from(typeof content === 'string' ? Buffer.from(content) : content),
})

/** One commit after another, each with something that a careless engine gets wrong. */
const ODD_TREES: readonly TestTree[] = [
  new Map([
    ['a', file(long)],
    ['empty', file('')],
  ]),
  new Map([['dé/b "quoted"\\ü', file(`${long}more`)]]),
  new Map([['dé/b "quoted"\\ü', file(`${long}more`, '100755')]]),
  new Map([
    ['crlf', file(long.replaceAll('\n', '\r\n'))],
    ['logo', file([0, 1, 2, 0xff])],
    ['latin1', file([0xe9, 10, 0xe8])],
  ]),
  new Map([
    ['crlf', file(`${long.replaceAll('\n', '\r\n')}end`)],
    ['moved/logo', file([0, 1, 2, 0xfe])],
    ['latin1', file([0xe9, 10, 0xe8, 10])],
  ]),
  new Map([
    ['crlf', file('latin1', '120000')],
    ['moved', file(long)],
    ['lib', file('1'.repeat(40), '160000')],
    ['latin1', file('')],
  ]),
  new Map([['crlf/now a folder', file(long)]]),
]

async function walkAll(history: History, most: number, turns: readonly string[]): Promise<Tally> {
  const policy = policyOf(await widePack())
  const repository = await localRepository(history.dir)
  const tally = newTally()
  for (const [i, commit] of history.pick(most).entries()) {
    const options = ['-c', turns[i % turns.length] ?? '', 'diff', '-M', '--binary', '--full-index']
    const patch = history.git([...options, commit.parent, commit.id])
    count(tally, commit.id, await walkCommit(repository, commit, { patch, policy }))
  }
  return tally
}

/** Many small processes: seconds on a machine of its own, a minute on a crowded one. */
const SLOW = 180_000
const QUOTING = ['core.quotePath=true', 'core.quotePath=false']

test(
  'every odd commit lands as git has it, and goes back to the tree of its parent',
  async () => {
    const git = realGit()
    try {
      const random = fc.sample(treePair, { numRuns: 4, seed: 7 }).flat()
      commitTrees(git, [...ODD_TREES, ...random])
      git.run(['symbolic-ref', 'HEAD', 'refs/heads/test'])
      const history = copyOf(git.dir)
      const tally = await walkAll(history, 100, QUOTING).finally(history.remove)
      expect(tally.faults).toEqual([])
      expect(tally.commits).toBeGreaterThan(10)
      for (const kind of ['renames', 'modeChanges', 'binaryFiles', 'nonAsciiPaths', 'links', 'submodules'] as const)
        expect(tally[kind], kind).toBeGreaterThan(0)
      const refused = Object.values(tally.refused.forth).reduce((sum, number) => sum + number, 0)
      expect(tally.forth + refused).toBe(tally.commits)
      expect(tally.forth).toBeGreaterThanOrEqual(ODD_TREES.length - 1)
    } finally {
      git.remove()
    }
  },
  SLOW,
)

test(
  'every odd commit goes through plan, execute and rollback, and each makes the tree that git has, or is refused by name',
  async () => {
    const git = realGit()
    try {
      commitTrees(git, ODD_TREES)
      git.run(['symbolic-ref', 'HEAD', 'refs/heads/test'])
      const history = copyOf(git.dir)
      const pack = await widePack()
      const came = []
      for (const [turn, commit] of history.pick(10).entries())
        came.push(await throughPipeline(history, commit, { patch: patchOf(history, commit, turn), pack }))
      history.remove()
      const refused = came.flatMap((one) => (one.is === 'refused' ? one.rules : []))
      expect(refused.toSorted()).toEqual(['path-backslash', 'path-backslash', 'path-through-symlink'])
      const rest = came.filter(({ is }) => is !== 'refused')
      expect(rest).toEqual(ODD_TREES.slice(4).map(() => ({ is: 'identical' })))
    } finally {
      git.remove()
    }
  },
  SLOW,
)

test('a commit upon a tree of a form that git no longer writes is refused, both ways, as just that', async () => {
  const git = realGit()
  try {
    const blob = (text: string) => git.text(['hash-object', '-w', '--stdin'], Buffer.from(text))
    const tree = (text: string) => {
      const entry = Buffer.concat([Buffer.from('100664 a\0'), Buffer.from(blob(text), 'hex')])
      return git.text(['hash-object', '-w', '--literally', '-t', 'tree', '--stdin'], entry)
    }
    const first = git.text(['commit-tree', tree('one\n'), '-m', 'First'])
    const second = git.text(['commit-tree', tree('two\n'), '-p', first, '-m', 'Second'])
    git.run(['update-ref', 'refs/heads/test', second])
    git.run(['symbolic-ref', 'HEAD', 'refs/heads/test'])
    const history = copyOf(git.dir)
    const tally = await walkAll(history, 10, QUOTING).finally(history.remove)
    const refused = { 'old-tree': 1 }
    expect(tally).toMatchObject({
      faults: [],
      commits: 1,
      forth: 0,
      back: 0,
      refused: { forth: refused, back: refused },
    })
  } finally {
    git.remove()
  }
})

const OWN = join(import.meta.dirname, '../..')

test.skipIf(!existsSync(join(OWN, '.git')))(
  'so does every one of the newest commits of this repository',
  async () => {
    const history = copyOf(OWN)
    const tally = await walkAll(history, 6, QUOTING).finally(history.remove)
    expect(tally).toMatchObject({ faults: [], forth: tally.commits, back: tally.commits })
  },
  SLOW,
)
