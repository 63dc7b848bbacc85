import type { NumberedLines } from './number-lines.ts'

/** A line that a change keeps: its place before and after, counted from zero. */
export type KeptLine = { readonly before: number; readonly after: number }

/** Beyond this distance, or after this many comparisons, finding out is too dear. */
const MAX_DISTANCE = 4000
const MAX_STEPS = 100_000_000

/**
 * The lines that every shortest edit from one text to the other keeps at the same places. Where an edit can be read in
 * more than one way, an insertion among equal lines for one, all lines in question are left out: what stands here does
 * not depend on how a differ breaks ties. Undefined when the texts are too far apart to tell.
 */
export function keptLines(before: NumberedLines, after: NumberedLines): readonly KeptLine[] | undefined {
  const a = sharedLines(before, after)
  const b = sharedLines(after, before)
  const grid = { a: a.map(({ id }) => id), b: b.map(({ id }) => id) }
  const reach = reachToEnd(grid)
  if (reach === undefined) return undefined
  const latest = new Map(walk(grid, reach, 'insert').map(({ x, y }) => [x, y]))
  return walk(grid, reach, 'delete')
    .filter(({ x, y }) => latest.get(x) === y)
    .map(({ x, y }) => ({ before: a[x]?.at ?? 0, after: b[y]?.at ?? 0 }))
}

/** A line that the other text lacks is changed in any case: leaving it out keeps the search short. */
function sharedLines(lines: NumberedLines, others: NumberedLines): readonly { at: number; id: number }[] {
  const known = new Set(others)
  return lines.map((id, at) => ({ at, id })).filter(({ id }) => known.has(id))
}

type Grid = { readonly a: NumberedLines; readonly b: NumberedLines }

/** For each number of edits, by diagonal, how far before the end one may stand and still reach it. */
type Reach = readonly Int32Array[]

/** Myers' greedy algorithm, from the end towards the start, keeping what it found for each distance. */
function reachToEnd({ a, b }: Grid): Reach | undefined {
  const reach: Int32Array[] = []
  let steps = 0
  for (let distance = 0; distance <= MAX_DISTANCE && steps < MAX_STEPS; distance += 1) {
    const last = reach.at(-1)
    const next = new Int32Array(distance + 1)
    reach.push(next)
    for (let i = 0; i <= distance; i += 1) {
      const diagonal = 2 * i - distance
      const start = Math.max((last?.[i - 1] ?? -1) + 1, last?.[i] ?? 0)
      const x = slideBack({ a, b }, start, diagonal)
      steps += x - start + 1
      next[i] = x
      if (x >= a.length && x - diagonal >= b.length) return reach
    }
  }
  return undefined
}

/** Counts from the end: `x` lines of `a` and `x - diagonal` lines of `b` are behind. */
function slideBack({ a, b }: Grid, start: number, diagonal: number): number {
  let x = start
  while (x < a.length && x - diagonal < b.length && a[a.length - 1 - x] === b[b.length - 1 - x + diagonal]) x += 1
  return x
}

type Point = { readonly x: number; readonly y: number }

/** The kept lines of the shortest edit that deletes (or inserts) as early as any shortest edit can. */
function walk({ a, b }: Grid, reach: Reach, first: 'delete' | 'insert'): readonly Point[] {
  const kept: Point[] = []
  let [x, y, left] = [0, 0, reach.length - 1]
  const reaches = (atX: number, atY: number, edits: number) => {
    const [restA, restB] = [a.length - atX, b.length - atY]
    const row = reach[edits]
    return row !== undefined && restA >= 0 && restB >= 0 && restA <= (row[(restA - restB + edits) / 2] ?? -1)
  }
  while (x < a.length || y < b.length) {
    const [isDeleted, isInserted] = [reaches(x + 1, y, left - 1), reaches(x, y + 1, left - 1)]
    const isKept = a[x] === b[y] && reaches(x + 1, y + 1, left)
    const step = stepOf(first, { isDeleted, isInserted, isKept })
    if (step === 'keep') kept.push({ x, y })
    else left -= 1
    if (step !== 'insert') x += 1
    if (step !== 'delete') y += 1
  }
  return kept
}

type Choice = { readonly isDeleted: boolean; readonly isInserted: boolean; readonly isKept: boolean }

/** One of the three leads to the end: else the point that was left would not have reached it. */
function stepOf(first: 'delete' | 'insert', { isDeleted, isInserted, isKept }: Choice): 'delete' | 'insert' | 'keep' {
  if (first === 'delete' && isDeleted) return 'delete'
  if (first === 'insert' && isInserted) return 'insert'
  if (isKept) return 'keep'
  return isDeleted ? 'delete' : 'insert'
}
