import { ok, type Result, refuse } from '../result.ts'
import { concatBytes, sameBytes } from './bytes.ts'
import type { Hunk } from './file-patch.ts'

/** Where text hunks do not fit: the line of the patch on which the hunk begins. */
export type HunkConflict = { readonly hunk: number; readonly because: string }

/** Lays hunks over bytes exactly where they say: no offset, no fuzz, no other newline. */
export function applyHunks(base: Uint8Array, hunks: readonly Hunk[]): Result<Uint8Array, HunkConflict> {
  const starts = lineStartsOf(base)
  const parts: Uint8Array[] = []
  let at = 0
  for (const hunk of hunks) {
    const start = starts[hunk.oldStart]
    const end = starts[hunk.oldStart + hunk.oldCount]
    if (start === undefined || end === undefined) {
      return refuse({ hunk: hunk.line, because: `the file has ${starts.length - 1} lines only` })
    }
    const conflict = conflictIn(base, starts, hunk)
    if (conflict !== undefined) return refuse({ hunk: hunk.line, because: conflict })
    parts.push(base.subarray(at, start), ...newLines(hunk))
    at = end
  }
  parts.push(base.subarray(at))
  return joinLines(parts, hunks.at(-1)?.line ?? 0)
}

/** Offset of each line, and of the end: one more than there are lines. */
function lineStartsOf(bytes: Uint8Array): readonly number[] {
  const starts = [0]
  for (let feed = bytes.indexOf(10); feed !== -1; feed = bytes.indexOf(10, feed + 1)) starts.push(feed + 1)
  if (starts.at(-1) !== bytes.length) starts.push(bytes.length)
  return starts
}

function conflictIn(base: Uint8Array, starts: readonly number[], hunk: Hunk): string | undefined {
  let line = hunk.oldStart
  for (const { sign, bytes } of hunk.lines) {
    if (sign === '+') continue
    if (!sameBytes(base.subarray(starts[line], starts[line + 1]), bytes)) {
      return `line ${line + 1} of the file is not what the patch expects there`
    }
    line += 1
  }
  return undefined
}

function newLines(hunk: Hunk): readonly Uint8Array[] {
  return hunk.lines.filter(({ sign }) => sign !== '-').map(({ bytes }) => bytes)
}

/** A part without a final newline may only be the last one, or two lines would become one. */
function joinLines(parts: readonly Uint8Array[], hunk: number): Result<Uint8Array, HunkConflict> {
  const filled = parts.filter((part) => part.length > 0)
  const torn = filled.slice(0, -1).some((part) => part.at(-1) !== 10)
  if (torn) return refuse({ hunk, because: 'a line would follow one that has no newline' })
  return ok(concatBytes(filled))
}
