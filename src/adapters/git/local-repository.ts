import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, resolve as resolvePath } from 'node:path'
import type { RepositoryReader, TreeEntry } from '../../app/ports.ts'
import { ObjectId } from '../../domain/hash.ts'
import type { Result } from '../../domain/result.ts'
import { exportTree } from './export-tree.ts'
import { GitFailed, type GitFolder, git, gitAt } from './git-process.ts'
import { isWhole, listCommits, NAMING_RUNS } from './history.ts'
import { readBlobs, readCommit, readEntries, type StoredCommit } from './read-objects.ts'
import { moveRef, type NewCommit, type RefMove, type RefMoved, writeCommit } from './write-commit.ts'

/** A clone on this machine, with or without a working tree, which is never read or written. */
export type LocalRepository = RepositoryReader & {
  /** The commit that a branch, tag or abbreviation means; undefined when there is none. */
  resolve(rev: string): Promise<ObjectId | undefined>
  commit(id: ObjectId): Promise<StoredCommit>
  /** Whether a commit is the tip or one of its ancestors. */
  contains(tip: ObjectId, commit: ObjectId): Promise<boolean>
  /** `git diff-tree -r -z --no-renames --full-index a b` */
  diffTreeRaw(a: ObjectId, b: ObjectId): Promise<Uint8Array>
  /** A patch of everything between two commits, with full ids and binary content. */
  formatPatch(a: ObjectId, b: ObjectId): Promise<Uint8Array>
  isWhole(): Promise<boolean>
  /** Every commit that the tips lead to; of `all`, those of branches and tags. What keeps evidence is left out. */
  history(tips: readonly ObjectId[] | 'all'): Promise<ReadonlySet<ObjectId>>
  /** Of these, the ones whose message has a line `AgentOS-Run: …`, in any spelling of the name. */
  namingRuns(): Promise<readonly ObjectId[]>
  writeCommit(commit: NewCommit): Promise<ObjectId>
  moveRef(move: RefMove): Promise<Result<ObjectId, RefMoved>>
  exportTree(commit: ObjectId, to: string): Promise<void>
}

/** The most bytes of blobs that one call may read. */
const MAX_READ_BYTES = 512 * 1024 * 1024

/** Objects by their ids, which never change. */
export type ObjectReads = {
  readonly commit: (id: ObjectId) => Promise<StoredCommit>
  readonly tree: (id: ObjectId) => Promise<readonly TreeEntry[]>
  readonly blobs: RepositoryReader['blobs']
}

/** `through` may stand between the repository and its objects; each reading of them starts a process. */
export async function localRepository(
  dir: string,
  through: (reads: ObjectReads) => ObjectReads = (reads) => reads,
): Promise<LocalRepository> {
  const folder = await findGitFolder(dir)
  const { commit, tree, blobs } = through({
    commit: (id) => readCommit(folder, id),
    tree: (id) => readEntries(folder, id),
    blobs: (ids) => readBlobs(folder, ids, MAX_READ_BYTES),
  })
  const treeOf = async (id: ObjectId) => (await commit(id)).tree
  const entries = async (id: ObjectId) => tree(await treeOf(id))
  return {
    treeOf,
    entries,
    blobs,
    resolve: async (rev) => resolve(folder, rev),
    commit,
    contains: async (tip, commit) => contains(folder, tip, commit),
    diffTreeRaw: async (a, b) => diffTree(folder, ['-z', '--raw'], [a, b]),
    formatPatch: async (a, b) => diffTree(folder, PATCH_OPTIONS, [a, b]),
    isWhole: async () => isWhole(folder),
    history: async (tips) => new Set(await listCommits(folder, tips)),
    namingRuns: async () => listCommits(folder, 'all', NAMING_RUNS),
    writeCommit: async (made) => writeCommit(folder, made),
    moveRef: async (move) => moveRef(folder, move),
    exportTree: async (id, to) => exportTree({ entries: await entries(id), blobs }, to),
  }
}

/** The clone at exactly this folder, not one around it, and with all of its objects of its own. */
async function findGitFolder(dir: string): Promise<GitFolder> {
  const place = await realpath(dir)
  const env = { GIT_CEILING_DIRECTORIES: dirname(place) }
  const found = await gitAt(place, { args: ['rev-parse', '--absolute-git-dir', '--git-common-dir'], env })
  const [folder, common] = found.stdout.toString('utf8').split('\n')
  if (folder === undefined || common === undefined) throw new GitFailed('the folder is no git repository')
  if (existsSync(resolvePath(place, common, 'objects/info/alternates'))) {
    throw new GitFailed(
      'the clone borrows objects from another one: run git repack -a -d and remove objects/info/alternates',
    )
  }
  return folder
}

async function resolve(folder: GitFolder, rev: string): Promise<ObjectId | undefined> {
  if (rev === '' || rev.startsWith('-') || rev.includes('\0')) return undefined
  const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${rev}^{commit}`]
  const { code, stdout } = await git(folder, { args, answers: [1, 128] })
  return code === 0 ? ObjectId.parse(stdout.toString('latin1').trim().split('\n').at(-1)) : undefined
}

async function contains(folder: GitFolder, tip: ObjectId, commit: ObjectId): Promise<boolean> {
  const ids = [commit, tip].map((id) => ObjectId.parse(id))
  const { code } = await git(folder, { args: ['merge-base', '--is-ancestor', ...ids], answers: [1] })
  return code === 0
}

const PATCH_OPTIONS = ['--patch', '--binary', '--unified=3', '--no-color', '--src-prefix=a/', '--dst-prefix=b/']

async function diffTree(
  folder: GitFolder,
  options: readonly string[],
  commits: readonly ObjectId[],
): Promise<Uint8Array> {
  const plain = ['--no-renames', '--full-index', '--no-ext-diff', '--no-textconv']
  const args = ['diff-tree', '-r', ...plain, ...options, ...commits.map((id) => ObjectId.parse(id))]
  return (await git(folder, { args })).stdout
}
