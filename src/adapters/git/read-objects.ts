import type { TreeEntry } from '../../app/ports.ts'
import { applyEdits, blobId } from '../../domain/git-objects.ts'
import { ObjectId } from '../../domain/hash.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { FileMode } from '../../domain/patch/edit.ts'
import { GitFailed, type GitFolder, git } from './git-process.ts'

/** A commit as it is stored; the message is bytes, because old commits are not all UTF-8. */
export type StoredCommit = {
  readonly tree: ObjectId
  readonly parents: readonly ObjectId[]
  readonly message: Uint8Array
}

export async function readCommit(folder: GitFolder, commit: ObjectId): Promise<StoredCommit> {
  const { stdout } = await git(folder, { args: ['cat-file', 'commit', ObjectId.parse(commit)] })
  const end = stdout.indexOf('\n\n')
  const headers = stdout
    .subarray(0, end === -1 ? stdout.length : end)
    .toString('latin1')
    .split('\n')
  const valuesOf = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => ObjectId.parse(line.slice(name.length + 1)))
  const [tree] = valuesOf('tree')
  if (tree === undefined) throw new GitFailed(`commit ${commit} names no tree`)
  return { tree, parents: valuesOf('parent'), message: end === -1 ? Buffer.alloc(0) : stdout.subarray(end + 2) }
}

/** What is said of a tree with padded modes and the like, which old versions of git wrote. */
export const OLD_FORM = 'is stored in a form that git no longer writes'

/**
 * The whole tree, recursively; a submodule has size 0. The listing is checked against the tree's own id: trees with
 * forms that git no longer writes (mode 100664, empty folders) are refused, because no edit of them could be predicted.
 */
export async function readEntries(folder: GitFolder, tree: ObjectId): Promise<readonly TreeEntry[]> {
  const { stdout } = await git(folder, { args: ['ls-tree', '-r', '-z', '-l', '--full-tree', ObjectId.parse(tree)] })
  const entries: TreeEntry[] = []
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf(0, at)
    entries.push(toEntry(stdout.subarray(at, end)))
    at = end + 1
  }
  const listed = applyEdits(entries, [])
  if (!listed.ok) throw new GitFailed(`tree ${tree} is malformed: ${listed.refusal.because}`)
  if (listed.value.treeId !== tree) throw new GitFailed(`tree ${tree} ${OLD_FORM}`)
  return entries
}

function toEntry(line: Buffer): TreeEntry {
  const tab = line.indexOf(9)
  const [mode, , blob, size] = line.subarray(0, tab).toString('latin1').split(/ +/)
  const path = fromUtf8(line.subarray(tab + 1))
  if (path === undefined) throw new GitFailed(`the tree holds a path that is not UTF-8: ${blob ?? ''}`)
  return { path, mode: FileMode.parse(mode), blob: ObjectId.parse(blob), size: size === '-' ? 0 : Number(size) }
}

/** The bytes of blobs, through one process, each checked against its id. */
export async function readBlobs(
  folder: GitFolder,
  ids: readonly ObjectId[],
  maxBytes: number,
): Promise<ReadonlyMap<ObjectId, Uint8Array>> {
  const wanted = [...new Set(ids)].map((id) => ObjectId.parse(id))
  const blobs = new Map<ObjectId, Uint8Array>()
  if (wanted.length === 0) return blobs
  const input = Buffer.from(wanted.map((id) => `${id}\n`).join(''))
  const { stdout } = await git(folder, {
    args: ['cat-file', '--batch'],
    input,
    maxBytes: maxBytes + 64 * wanted.length,
  })
  let at = 0
  for (const id of wanted) {
    const start = stdout.indexOf(10, at) + 1
    const [name, type, size] = stdout
      .subarray(at, start - 1)
      .toString('latin1')
      .split(' ')
    if (name !== id || type !== 'blob') throw new GitFailed(`${id} is not a blob of this repository`)
    const bytes = stdout.subarray(start, start + Number(size))
    if (blobId(bytes) !== id) throw new GitFailed(`blob ${id} is damaged`)
    blobs.set(id, bytes)
    at = start + bytes.length + 1
  }
  return blobs
}
