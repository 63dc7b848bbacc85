import { toTokens } from './tokens.ts'
import { wordsIn } from './words.ts'

/** Part of a file: whole lines, both ends included, the first line being 1. */
export type Lines = { readonly from: number; readonly to: number }

/** Lines of a file that have most to do with a text, in their order, and what they cost. */
export type Excerpt = { readonly lines: readonly Lines[]; readonly tokens: number }

const WINDOW = 24
const LONGEST_LINE = 2000

/** At most `budget` tokens of a file: all of it where it fits, else the windows of lines that share most words with `wanted`. */
export function excerptOf(text: string, wanted: ReadonlySet<string>, budget: number): Excerpt {
  const lines = text.split('\n')
  const whole = toTokens(text)
  if (whole <= budget) return { lines: [{ from: 1, to: lines.length }], tokens: whole }
  const costs = lines.map((line) => toTokens(`${line}\n`))
  const windows = windowsOf(lines, wanted)
  const taken = new Set<number>()
  let left = budget
  for (const start of windows) {
    const fresh = windowLines(start, lines.length).filter((line) => !taken.has(line))
    for (const line of fresh) {
      const cost = costs[line] ?? 0
      if (cost > left) break
      taken.add(line)
      left -= cost
    }
  }
  return { lines: toRanges([...taken].sort((a, b) => a - b)), tokens: budget - left }
}

/** The text of an excerpt; where lines were left out stands one line that says so. */
export function excerptText(text: string, ranges: readonly Lines[]): string {
  const lines = text.split('\n')
  const parts = ranges.map(({ from, to }) => lines.slice(from - 1, to).join('\n'))
  return parts.join('\n[…]\n')
}

/** Where windows begin, the richest first; the first window of the file stands in for those that share nothing. */
function windowsOf(lines: readonly string[], wanted: ReadonlySet<string>): readonly number[] {
  const hits = lines.map(
    (line) => new Set(wordsIn(line.slice(0, LONGEST_LINE)).filter((word) => wanted.has(word))).size,
  )
  const scored: { readonly start: number; readonly score: number }[] = []
  for (let start = 0; start < lines.length; start += WINDOW / 2) {
    const score = hits.slice(start, start + WINDOW).reduce((sum, hit) => sum + hit * hit, 0)
    if (score > 0 || start === 0) scored.push({ start, score })
  }
  return scored.sort((a, b) => b.score - a.score || a.start - b.start).map(({ start }) => start)
}

function windowLines(start: number, count: number): readonly number[] {
  return Array.from({ length: Math.min(WINDOW, count - start) }, (_, i) => start + i)
}

function toRanges(taken: readonly number[]): readonly Lines[] {
  const ranges: Lines[] = []
  for (const line of taken) {
    const last = ranges.at(-1)
    if (last !== undefined && last.to === line) ranges[ranges.length - 1] = { from: last.from, to: line + 1 }
    else ranges.push({ from: line + 1, to: line + 1 })
  }
  return ranges
}
