import { type Sha256, sha256Hex } from '../hash.ts'
import { toUtf8 } from './bytes.ts'
import { comparePaths, type Edit, type FileMode, type FileState } from './edit.ts'

/**
 * Exactly the bytes that `git diff-tree -r -z --no-renames --full-index <base> <commit>` prints for these edits,
 * in whatever order they are given.
 */
export function rawDiff(edits: readonly Edit[]): Uint8Array {
  return toUtf8(
    [...edits]
      .sort((a, b) => comparePaths(a.path, b.path))
      .map(rawLine)
      .join(''),
  )
}

/** The identity of a change: anyone recomputes it with `git diff-tree … | sha256sum`. */
export function diffSha256(edits: readonly Edit[]): Sha256 {
  return sha256Hex(rawDiff(edits))
}

const ABSENT = { mode: '000000', blob: '0'.repeat(40) } as const

function rawLine({ path, before, after }: Edit): string {
  const from = before ?? ABSENT
  const to = after ?? ABSENT
  return `:${from.mode} ${to.mode} ${from.blob} ${to.blob} ${statusOf(before, after)}\0${path}\0`
}

function statusOf(before: FileState | null, after: FileState | null): 'A' | 'D' | 'M' | 'T' {
  if (before === null) return 'A'
  if (after === null) return 'D'
  return kindOf(before.mode) === kindOf(after.mode) ? 'M' : 'T'
}

/** The file type without its permission bits. */
function kindOf(mode: FileMode): string {
  return mode.slice(0, 3)
}
