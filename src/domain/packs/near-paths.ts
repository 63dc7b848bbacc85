import { foldPath } from '../patch/fold-path.ts'

const MAX_NEAR = 3
const MAX_DISTANCE = 3

/** Up to three existing paths that someone who wrote `path` may have meant, the likeliest first. */
export function nearPaths(path: string, existing: Iterable<string>): readonly string[] {
  const wanted = { folded: foldPath(path), name: nameOf(foldPath(path)) }
  const ranked: { readonly path: string; readonly rank: number }[] = []
  for (const candidate of existing) {
    const rank = rankOf(wanted, foldPath(candidate))
    if (rank !== undefined) ranked.push({ path: candidate, rank })
  }
  const same = ranked.filter(({ rank }) => rank === 0)
  return (same.length > 0 ? same : ranked)
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map((near) => near.path)
}

function rankOf(wanted: { readonly folded: string; readonly name: string }, candidate: string): number | undefined {
  if (candidate === wanted.folded) return 0
  if (nameOf(candidate) === wanted.name) return 1
  const distance = editDistance(wanted.folded, candidate)
  return distance === undefined || distance > MAX_DISTANCE ? undefined : 1 + distance
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Levenshtein's distance up to three, for paths of a length that people type. */
function editDistance(a: string, b: string): number | undefined {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE || a.length > 256) return undefined
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    row = nextRow(row, { i, unit: a.charAt(i - 1), b })
    if (Math.min(...row) > MAX_DISTANCE) return undefined
  }
  return row.at(-1)
}

function nextRow(
  above: readonly number[],
  { i, unit, b }: { readonly i: number; readonly unit: string; readonly b: string },
): readonly number[] {
  const row = [i]
  for (let j = 1; j <= b.length; j += 1) {
    const swap = at(above, j - 1) + (b.charAt(j - 1) === unit ? 0 : 1)
    row.push(Math.min(swap, at(above, j) + 1, at(row, j - 1) + 1))
  }
  return row
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Number.POSITIVE_INFINITY
}
