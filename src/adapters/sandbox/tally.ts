import { lstatSync, type Stats, statfsSync } from 'node:fs'
import { type TreeEntry, walk } from './open-tree.ts'

/** What a tree takes: of a sparse file the larger of its two sizes. `isWhole` is false where a part could not be entered. */
export type Tally = { readonly bytes: number; readonly files: number; readonly isWhole: boolean }

/** A checkout while a command works in it, and what it took before. */
export type Scratch = { readonly checkout: string; readonly before: Tally }

const BLOCK = 512

/** Counts a tree while `visit` looks at each of its entries. A file with several names counts once. */
export function tallyOf(root: string, visit: (entry: Extract<TreeEntry, { is: 'entry' }>) => void = () => {}): Tally {
  const linked = new Set<string>()
  let [bytes, files, isWhole] = [sizeOf(lstatSync(root)), 1, true]
  for (const entry of walk(root)) {
    if (entry.is === 'unfit') isWhole = false
    else {
      visit(entry)
      files += 1
      if (entry.stat.isDirectory() || isFirst(entry.stat, linked)) bytes += sizeOf(entry.stat)
    }
  }
  return { bytes, files, isWhole }
}

function isFirst({ dev, ino, nlink }: Stats, linked: Set<string>): boolean {
  if (nlink < 2) return true
  const key = `${dev} ${ino}`
  if (linked.has(key)) return false
  linked.add(key)
  return true
}

function sizeOf(stat: Stats): number {
  return stat.isFile() ? Math.max(stat.size, stat.blocks * BLOCK) : stat.blocks * BLOCK
}

/** What a file system has left. */
export type Room = { readonly bytes: number; readonly files: number }

export function roomOf(path: string): Room {
  const { bavail, bsize, ffree } = statfsSync(path)
  return { bytes: bavail * bsize, files: ffree }
}

/** What is in a file system that nobody else has, or null where it is gone. */
export function usedOf(path: string): Room | null {
  try {
    const { blocks, bfree, bsize, files, ffree } = statfsSync(path)
    return { bytes: (blocks - bfree) * bsize, files: files - ffree }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return null
    throw error
  }
}
