import { type NumberedLines, numberLines } from './number-lines.ts'

/** Beyond this distance the shortest edit is too dear to find, and every line in question counts as changed. */
const MAX_DISTANCE = 4000

const LF = 10

/** How many lines a change deletes and adds, as `git diff --minimal` counts them; binary content has no lines. */
export function changedLines(before: Uint8Array, after: Uint8Array): number {
  if (before.includes(0) || after.includes(0)) return 0
  const ids = new Map<string, number>()
  const [one, other] = betweenSameEnds(before, after)
  const [a, b] = trim(numberLines(one, ids), numberLines(other, ids))
  return a.length === 0 || b.length === 0 ? a.length + b.length : (shortestEdit(a, b) ?? a.length + b.length)
}

/** What is left between the lines at both ends that are the same: most of a file is never cut into lines. */
function betweenSameEnds(a: Uint8Array, b: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start += 1
  while (start > 0 && a[start - 1] !== LF) start -= 1
  let end = 0
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  while (end > 0 && (a[a.length - 1 - end] !== LF || b[b.length - 1 - end] !== LF)) end -= 1
  return [a.subarray(start, a.length - end), b.subarray(start, b.length - end)]
}

function trim(a: NumberedLines, b: NumberedLines): readonly [NumberedLines, NumberedLines] {
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start += 1
  let end = 0
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)]
}

/** Myers' greedy algorithm, without the path. */
function shortestEdit(a: NumberedLines, b: NumberedLines): number | undefined {
  const most = Math.min(a.length + b.length, MAX_DISTANCE)
  const reached = new Int32Array(2 * most + 3)
  const middle = most + 1
  for (let distance = 0; distance <= most; distance += 1) {
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const left = reached[middle + diagonal - 1] ?? 0
      const right = reached[middle + diagonal + 1] ?? 0
      const isDown = diagonal === -distance || (diagonal !== distance && left < right)
      const x = slide(a, b, isDown ? right : left + 1, diagonal)
      reached[middle + diagonal] = x
      if (x >= a.length && x - diagonal >= b.length) return distance
    }
  }
  return undefined
}

function slide(a: NumberedLines, b: NumberedLines, start: number, diagonal: number): number {
  let x = start
  while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1
  return x
}
