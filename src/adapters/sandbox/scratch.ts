import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { namesIn, openRoot, type Skip, type TreeEntry, walk } from './open-tree.ts'
import { isRunnable, openFile } from './snapshot.ts'

/** A new folder for checkouts that commands can work in: others may pass through it, but not look into it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentos-scratch-'))
  chmodSync(folder, 0o711)
  return folder
}

const DEEPEST = 100

/** Removes a folder, also where a command closed parts of it against removal, or nested it beyond what a path can name. */
export function discardScratch(folder: string): void {
  const root = openRoot(folder)
  try {
    let lifted = 0
    const lift = (at: Buffer) => renameSync(at, `/proc/self/fd/${root}/lifted-${(lifted += 1)}-${process.pid}`)
    while (namesIn(root).length > 0) emptyFolder(root, 1, lift)
  } finally {
    closeSync(root)
  }
  rmdirSync(folder)
}

/** What lies too deep is lifted to the top, where the next round finds it. */
function emptyFolder(folder: number, depth: number, lift: (at: Buffer) => void): void {
  for (const name of namesIn(folder)) {
    const at = Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name])
    if (!lstatSync(at).isDirectory()) unlinkSync(at)
    else if (depth >= DEEPEST) lift(at)
    else removeFolder(at, depth, lift)
  }
}

function removeFolder(at: Buffer, depth: number, lift: (at: Buffer) => void): void {
  chmodSync(at, 0o700)
  const folder = openSync(at, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    emptyFolder(folder, depth + 1, lift)
  } finally {
    closeSync(folder)
  }
  rmdirSync(at)
}

/** What a copy came to; after a refusal the target is incomplete and of no use. */
export type ScratchCopy =
  | { readonly is: 'copied'; readonly files: number }
  | { readonly is: 'refused'; readonly path: string; readonly because: string }

/**
 * Copies a tree into the new folder `to`: files with their executable bit, links as they are. Whatever is named `.git`, in any
 * spelling that a file system may take for it, stays behind.
 */
export function scratchCopy(from: string, to: string, skip: Skip = () => false): ScratchCopy {
  mkdirSync(to, { mode: 0o755 })
  let files = 0
  for (const entry of walk(from, (path, isFolder) => isGitName(path) || skip(path, isFolder))) {
    const fault = entry.is === 'unfit' ? entry.because : copyEntry(entry, join(to, entry.path))
    if (fault !== null) return { is: 'refused', path: entry.path, because: fault }
    files += 1
  }
  return { is: 'copied', files }
}

const isGitName = (path: string): boolean => basename(path).toLowerCase() === '.git'

function copyEntry({ at, stat }: Extract<TreeEntry, { is: 'entry' }>, target: string): string | null {
  if (stat.isDirectory()) {
    mkdirSync(target, { mode: 0o755 })
    return null
  }
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(at, { encoding: 'buffer' }), target)
    return null
  }
  return stat.isFile() ? copyFile(at, target) : 'it is neither a file, a folder nor a link'
}

function copyFile(at: string, target: string): string | null {
  const opened = openFile(at)
  if (opened === null) return 'the file cannot be opened'
  try {
    copyFileSync(`/proc/self/fd/${opened.fd}`, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    chmodSync(target, isRunnable(opened.stat) ? 0o755 : 0o644)
    return null
  } finally {
    closeSync(opened.fd)
  }
}
