import { closeSync, lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { openFolder, openRoot, unless } from './open-tree.ts'
import { isRunnable, openFile, type SnapshotEntry } from './snapshot.ts'

/** One file of a tree, with its bytes; of a link, its target. */
export type TreeFile = { readonly mode: SnapshotEntry['mode']; readonly bytes: Buffer }

/** Reads one path of a tree without following any link on the way, or null where there is no such file. */
export function readTreeFile(root: string, path: string): TreeFile | null {
  const names = path.split('/')
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) return null
  const folder = openRoot(root)
  return readBelow(folder, names)
}

/** Takes the open folder over and closes it. */
function readBelow(folder: number, [name = '', ...rest]: readonly string[]): TreeFile | null {
  try {
    const at = `/proc/self/fd/${folder}/${name}`
    if (rest.length === 0) return readLeaf(at)
    const next = openFolder(at)
    return next === null ? null : readBelow(next, rest)
  } finally {
    closeSync(folder)
  }
}

/** What is no link any more when it is read is nothing. */
function readLink(at: string): TreeFile | null {
  const bytes = unless(() => readlinkSync(at, { encoding: 'buffer' }), ['ENOENT', 'EINVAL'])
  return bytes === null ? null : { mode: '120000', bytes }
}

function readLeaf(at: string): TreeFile | null {
  const stat = lstatSync(at, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink() === true) return readLink(at)
  const opened = stat?.isFile() === true ? openFile(at) : null
  if (opened === null) return null
  try {
    return { mode: isRunnable(opened.stat) ? '100755' : '100644', bytes: readFileSync(opened.fd) }
  } finally {
    closeSync(opened.fd)
  }
}
