import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { readLanded } from '../../../src/app/rollback/read-landed.ts'
import { undoOnto } from '../../../src/app/rollback/undo-onto.ts'
import { applyEdits } from '../../../src/domain/git-objects.ts'
import type { Landed } from '../../../src/domain/packs/landed.ts'
import { changesBetween } from '../../../src/domain/patch/changes-between.ts'
import { diffSha256 } from '../../../src/domain/patch/raw-diff.ts'
import { told } from '../../../src/domain/run/state.ts'
import { RUN } from '../../support/builders.ts'
import { given, story } from '../../support/given.ts'
import { repositoryWith, type TestRepository } from '../planning/real-scene.ts'

const open: TestRepository[] = []
afterEach(() => open.splice(0).forEach((repository) => repository.remove()))

const git = (dir: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=K', '-c', 'user.email=k@example.org', ...args], {
    cwd: dir,
    encoding: 'utf8',
  }).trim()

const TRAILED = `Change it\n\nAgentOS-Run: ${RUN}\nAgentOS-Plan: x`

type Files = Readonly<Record<string, string | null>>

function commit({ dir }: TestRepository, files: Files, message = 'Something else'): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    if (content === null) rmSync(join(dir, path))
    else writeFileSync(join(dir, path), content)
  }
  git(dir, 'add', '-A')
  git(dir, 'commit', '-q', '--allow-empty', '-m', message)
  return git(dir, 'rev-parse', 'HEAD')
}

/** A repository with what the run delivered on a branch of its own, and main gone on elsewhere. */
async function delivered() {
  const repository = await repositoryWith({ 'a.txt': 'one\ntwo\nthree\nfour\nfive\n', 'b.txt': 'b\n', 'c.txt': 'c\n' })
  open.push(repository)
  const { dir, head: base } = repository
  git(dir, 'checkout', '-q', '-B', 'main')
  git(dir, 'checkout', '-q', '-B', 'run')
  const delivery = commit(
    repository,
    { 'a.txt': 'ONE\ntwo\nthree\nfour\nfive\n', 'b.txt': null, 'new/d.txt': 'd\n' },
    TRAILED,
  )
  git(dir, 'checkout', '-q', 'main')
  const main = commit(repository, { 'c.txt': 'C\n' })
  return { repository, dir, base, delivery, main }
}

type Scene = Awaited<ReturnType<typeof delivered>>

async function landedAs({ repository: { reader }, base, delivery }: Scene, merge: string): Promise<Landed> {
  const { play } = given().when(story.merged)
  const { state } = play
  const edits = changesBetween(await reader.entries(base), await reader.entries(delivery))
  const request = { ...told(state.request, 'the request'), base: { ref: 'refs/heads/main', sha: base } }
  const diff = diffSha256(edits)
  const done = { ...told(state.delivered, 'the delivery'), commit: delivery, diffSha256: diff }
  const merged = { commit: merge, same: true, traced: true }
  const commitAt = async (id: string) => {
    const { message, parents } = await reader.commit(id)
    return { message: Buffer.from(message).toString(), parents }
  }
  const run = { state: { ...state, request, delivered: done, merged }, documents: play.shelf.documents }
  const read = await readLanded({ reader, commitAt }, run)
  if (!read.ok) throw new Error(read.refusal.because)
  return read.value
}

const PATHS = ['a.txt', 'b.txt', 'new/d.txt']
const paths = (landed: Landed) => landed.edits.map(({ path }) => path).toSorted()

describe('what a run landed', () => {
  test('of a squash is the one commit, whether or not its trailers were kept', async () => {
    const scene = await delivered()
    for (const message of [TRAILED, 'Squashed, and the trailers are gone']) {
      git(scene.dir, 'reset', '-q', '--hard', scene.main)
      git(scene.dir, 'merge', '-q', '--squash', 'run')
      const merge = commit(scene.repository, {}, message)
      const landed = await landedAs(scene, merge)
      expect(landed).toMatchObject({ before: scene.main, after: merge, asApproved: true })
      expect(paths(landed)).toEqual(PATHS)
    }
  })

  test('of a merge commit is the difference from its first parent', async () => {
    const scene = await delivered()
    git(scene.dir, 'merge', '-q', '--no-ff', '-m', 'Merge it', 'run')
    const merge = git(scene.dir, 'rev-parse', 'HEAD')
    const landed = await landedAs(scene, merge)
    expect(landed).toMatchObject({ before: scene.main, after: merge, asApproved: true })
    expect(paths(landed)).toEqual(PATHS)
  })

  test('of a rebase goes back to the commit of the run, with what people pushed on top, and says that it differs', async () => {
    const scene = await delivered()
    git(scene.dir, 'checkout', '-q', 'run')
    commit(scene.repository, { 'e.txt': 'theirs\n' }, 'One more')
    commit(scene.repository, { 'f.txt': 'theirs\n' }, 'And one more')
    git(scene.dir, 'rebase', '-q', 'main')
    const landed = await landedAs(scene, git(scene.dir, 'rev-parse', 'HEAD'))
    expect(landed).toMatchObject({ before: scene.main, asApproved: false })
    expect(paths(landed)).toEqual([...PATHS, 'e.txt', 'f.txt'].toSorted())
  })

  test('of a rebase is all of it, also where people copied the trailers to what they pushed on top', async () => {
    const scene = await delivered()
    git(scene.dir, 'checkout', '-q', 'run')
    commit(scene.repository, { 'e.txt': 'theirs\n' }, 'One more')
    commit(scene.repository, { 'f.txt': 'theirs\n' }, TRAILED)
    git(scene.dir, 'rebase', '-q', 'main')
    const landed = await landedAs(scene, git(scene.dir, 'rev-parse', 'HEAD'))
    expect(landed).toMatchObject({ before: scene.main, asApproved: false })
    expect(paths(landed)).toEqual([...PATHS, 'e.txt', 'f.txt'].toSorted())
  })
})

describe('its inverse', () => {
  /** The tree that the inverse makes of a commit, or the conflicts. */
  async function undone({ repository: { reader } }: Scene, landed: Landed, onto: string) {
    const entries = await reader.entries(onto)
    const carried = await undoOnto(reader, landed, new Map(entries.map((entry) => [entry.path, entry])))
    if (carried.is === 'conflict') return carried
    const applied = applyEdits(entries, carried.edits)
    if (!applied.ok) throw new Error(applied.refusal.because)
    return { ...carried, tree: applied.value.treeId }
  }

  test('gives the former tree where nobody changed anything', async () => {
    const scene = await delivered()
    git(scene.dir, 'merge', '-q', '--no-ff', '-m', 'Merge it', 'run')
    const merge = git(scene.dir, 'rev-parse', 'HEAD')
    const back = await undone(scene, await landedAs(scene, merge), merge)
    expect(back).toMatchObject({ is: 'carried', already: [], tree: await scene.repository.reader.treeOf(scene.main) })
  })

  test('leaves what was changed back already and keeps later lines of others', async () => {
    const scene = await delivered()
    git(scene.dir, 'merge', '-q', '--no-ff', '-m', 'Merge it', 'run')
    const merge = git(scene.dir, 'rev-parse', 'HEAD')
    const later = commit(scene.repository, { 'a.txt': 'ONE\ntwo\nthree\nfour\nFIVE\n', 'b.txt': 'b\n' })
    const back = await undone(scene, await landedAs(scene, merge), later)
    if (back.is === 'conflict') throw new Error('no conflict was to be')
    expect(back.already).toEqual(['b.txt'])
    const [blob = ''] = back.edits.flatMap(({ path, after }) =>
      path === 'a.txt' && after !== null ? [after.blob] : [],
    )
    expect(Buffer.from(back.contents.get(blob) ?? []).toString()).toBe('one\ntwo\nthree\nfour\nFIVE\n')
  })

  test('is no guess where others changed the same lines, or a file that the run made', async () => {
    const scene = await delivered()
    git(scene.dir, 'merge', '-q', '--no-ff', '-m', 'Merge it', 'run')
    const merge = git(scene.dir, 'rev-parse', 'HEAD')
    const later = commit(scene.repository, { 'a.txt': 'Uno\ntwo\nthree\nfour\nfive\n', 'new/d.txt': 'dd\n' })
    const back = await undone(scene, await landedAs(scene, merge), later)
    expect(back).toMatchObject({
      is: 'conflict',
      conflicts: [{ path: 'a.txt', because: expect.stringContaining('line 1') }, { path: 'new/d.txt' }],
    })
  })
})
