import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobId } from '../../domain/git-objects.ts'
import { ObjectId } from '../../domain/hash.ts'
import type { Content, Edit } from '../../domain/patch/edit.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { GitFailed, type GitFolder, git } from './git-process.ts'

/** A person or program and the second in which it acted. */
export type Signature = { readonly name: string; readonly email: string; readonly seconds: number }

export type NewCommit = {
  /** The commit whose tree the edits start from. */
  readonly base: ObjectId
  readonly edits: readonly Edit[]
  readonly contents: Content
  readonly parents: readonly ObjectId[]
  readonly message: string
  readonly author: Signature
  readonly committer: Signature
}

/** Writes blobs, tree and commit through an index of its own: no working tree, no ref and no user's index is touched. */
export async function writeCommit(folder: GitFolder, commit: NewCommit): Promise<ObjectId> {
  if (/[\0\r]/.test(commit.message) || !commit.message.isWellFormed()) {
    throw new GitFailed('a commit message holds a NUL, a carriage return or half a character')
  }
  await writeBlobs(folder, commit)
  const scratch = await mkdtemp(join(tmpdir(), 'agentos-index-'))
  try {
    const tree = await writeTree(folder, commit, join(scratch, 'index'))
    const parents = commit.parents.flatMap((parent) => ['-p', ObjectId.parse(parent)])
    const env = { ...signatureOf('AUTHOR', commit.author), ...signatureOf('COMMITTER', commit.committer) }
    const args = ['commit-tree', tree, ...parents]
    return toId(await git(folder, { args, env, input: Buffer.from(commit.message) }))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function writeBlobs(folder: GitFolder, { edits, contents }: NewCommit): Promise<void> {
  const ids = new Set(edits.flatMap(({ after }) => (after === null || after.mode === '160000' ? [] : [after.blob])))
  const parts: Uint8Array[] = []
  for (const id of ids) {
    const bytes = contents.get(id)
    if (bytes === undefined || blobId(bytes) !== id) throw new GitFailed(`the bytes of blob ${id} are missing or wrong`)
    parts.push(Buffer.from(`blob\ndata ${bytes.length}\n`), bytes, Buffer.from('\n'))
  }
  if (parts.length > 0) await git(folder, { args: ['fast-import', '--quiet', '--done'], input: withDone(parts) })
}

function withDone(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...parts, Buffer.from('done\n')])
}

async function writeTree(folder: GitFolder, { base, edits }: NewCommit, index: string): Promise<ObjectId> {
  const env = { GIT_INDEX_FILE: index }
  await git(folder, { args: ['read-tree', ObjectId.parse(base)], env })
  const removals = edits.filter(({ before }) => before !== null).map(({ path }) => `0 ${'0'.repeat(40)}\t${path}\0`)
  const additions = edits.flatMap(({ path, after }) =>
    after === null ? [] : [`${after.mode} ${after.blob}\t${path}\0`],
  )
  const input = Buffer.from([...removals, ...additions].join(''))
  await git(folder, { args: ['update-index', '-z', '--index-info'], env, input })
  return toId(await git(folder, { args: ['write-tree'], env }))
}

function signatureOf(role: 'AUTHOR' | 'COMMITTER', { name, email, seconds }: Signature): Record<string, string> {
  return {
    [`GIT_${role}_NAME`]: name,
    [`GIT_${role}_EMAIL`]: email,
    [`GIT_${role}_DATE`]: `@${seconds} +0000`,
  }
}

function toId({ stdout }: { readonly stdout: Buffer }): ObjectId {
  return ObjectId.parse(stdout.toString('latin1').trim())
}

/** A branch or tag and the step it should take; `from` null means that it must not exist yet. */
export type RefMove = { readonly ref: string; readonly from: ObjectId | null; readonly to: ObjectId }

/** Why a ref did not move: it stands elsewhere than was expected. */
export type RefMoved = { readonly is: 'ref-moved'; readonly at: ObjectId | null }

/** Compare and swap. The working tree of a checked-out branch is not touched. */
export async function moveRef(folder: GitFolder, { ref, from, to }: RefMove): Promise<Result<ObjectId, RefMoved>> {
  if (!ref.startsWith('refs/')) throw new GitFailed('only a full ref name (refs/…) can be moved')
  await git(folder, { args: ['check-ref-format', ref] })
  const args = [
    'update-ref',
    '--no-deref',
    ref,
    ObjectId.parse(to),
    from === null ? '0'.repeat(40) : ObjectId.parse(from),
  ]
  const { code } = await git(folder, { args, answers: [128] })
  if (code === 0) return ok(to)
  const at = await readRef(folder, ref)
  if (at === from) throw new GitFailed(`${ref} could not be moved, though it stands where it was expected`)
  return refuse({ is: 'ref-moved', at })
}

async function readRef(folder: GitFolder, ref: string): Promise<ObjectId | null> {
  const answer = await git(folder, { args: ['show-ref', '--verify', '--hash', ref], answers: [1, 128] })
  return answer.code === 0 ? toId(answer) : null
}
