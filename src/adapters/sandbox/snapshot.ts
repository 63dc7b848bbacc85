import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { type Skip, type TreeEntry, unless, walk } from './open-tree.ts'

/** A file of a tree as git would record it. `blob` is its SHA-1 object id. */
export type SnapshotEntry = {
  readonly path: string
  readonly mode: '100644' | '100755' | '120000'
  readonly blob: string
  readonly size: number
}

/** The whole tree, sorted as git sorts paths; or the first thing in it that git could not hold. */
export type Snapshot =
  | { readonly is: 'snapshot'; readonly entries: readonly SnapshotEntry[] }
  | { readonly is: 'refused'; readonly path: string; readonly because: string }

/** Reads a tree without git, which would obey what it finds there. Links are recorded and never followed. */
export function snapshot(root: string, skip: Skip = () => false): Snapshot {
  const entries: SnapshotEntry[] = []
  for (const entry of walk(root, skip)) {
    const recorded = entry.is === 'unfit' ? entry : record(entry)
    if (recorded === null) continue
    if ('is' in recorded) return { is: 'refused', path: recorded.path, because: recorded.because }
    entries.push(recorded)
  }
  return { is: 'snapshot', entries: entries.sort(byPath) }
}

const byPath = (a: SnapshotEntry, b: SnapshotEntry): number => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))

type Unfit = Extract<TreeEntry, { is: 'unfit' }>

function record(entry: Extract<TreeEntry, { is: 'entry' }>): SnapshotEntry | Unfit | null {
  const { path, at, stat } = entry
  if (stat.isDirectory()) return null
  if (stat.isSymbolicLink()) return recordLink(path, at)
  if (!stat.isFile()) return unfit(path, 'it is neither a file, a folder nor a link')
  const opened = openFile(at)
  if (opened === null) return unfit(path, 'the file cannot be opened')
  try {
    return { path, mode: isRunnable(opened.stat) ? '100755' : '100644', ...hashFile(opened) }
  } finally {
    closeSync(opened.fd)
  }
}

const unfit = (path: string, because: string): Unfit => ({ is: 'unfit', path, because })

function recordLink(path: string, at: string): SnapshotEntry {
  const target = readlinkSync(at, { encoding: 'buffer' })
  const blob = createHash('sha1').update(`blob ${target.length}\0`).update(target).digest('hex')
  return { path, mode: '120000', blob, size: target.length }
}

/** Git looks at the owner's bit alone. */
export const isRunnable = (stat: Stats): boolean => (stat.mode & 0o100) !== 0

/** An open regular file. */
export type OpenFile = { readonly fd: number; readonly stat: Stats }

/** Opens what is a regular file at the moment of opening; a link, or a fifo that would block, is not. */
export function openFile(at: string): OpenFile | null {
  const fd = openUnfollowed(at)
  if (fd === null) return null
  const stat = fstatSync(fd)
  if (stat.isFile()) return { fd, stat }
  closeSync(fd)
  return null
}

function openUnfollowed(at: string): number | null {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  return unless(() => openSync(at, flags), ['EACCES', 'ELOOP', 'ENXIO', 'ENOENT'])
}

/** A file that changed its size while it was read, which nobody may do here. */
class TreeMoved extends Error {
  override readonly name = 'TreeMoved'
}

const CHUNK = 1 << 20

function hashFile({ fd, stat }: OpenFile): { readonly blob: string; readonly size: number } {
  const hash = createHash('sha1').update(`blob ${stat.size}\0`)
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK, stat.size + 1))
  let size = 0
  for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) {
    hash.update(chunk.subarray(0, count))
    size += count
  }
  if (size !== stat.size) throw new TreeMoved('a file changed while it was read')
  return { blob: hash.digest('hex'), size }
}
