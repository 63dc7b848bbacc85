import { cutText } from '../../domain/packs/cut-text.ts'

const MAX_SHOWN = 300

/** Where a text almost stands in a file: the line most like its longest line, or undefined where none is like it. */
export function nearText(content: string, wanted: string): string | undefined {
  const [longest = ''] = wanted
    .split('\n')
    .map((line) => line.trim())
    .sort((a, b) => b.length - a.length)
  if (longest === '') return undefined
  const pairs = pairsOf(longest)
  let best = { line: 0, text: '', likeness: MIN_LIKENESS }
  for (const [index, text] of content.split('\n').entries()) {
    const likeness = likenessOf(pairs, pairsOf(text.trim()))
    if (likeness > best.likeness) best = { line: index + 1, text, likeness }
  }
  return best.line === 0
    ? undefined
    : `line ${best.line} is most like it: ${JSON.stringify(cutText(best.text, MAX_SHOWN))}`
}

const MIN_LIKENESS = 0.6
const MAX_LINE = 2000

function pairsOf(line: string): ReadonlySet<string> {
  const text = line.slice(0, MAX_LINE)
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2)))
}

/** The share of the wanted pairs of letters that a line has; of two lines with as many, the shorter is likelier. */
function likenessOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0) return 0
  let common = 0
  for (const pair of a) if (b.has(pair)) common += 1
  return common / a.size - b.size / 1_000_000
}

/** The lines on which a text begins, at most five. */
export function linesOf(content: string, wanted: string): readonly number[] {
  const lines: number[] = []
  for (let at = content.indexOf(wanted); at !== -1 && lines.length < 5; at = content.indexOf(wanted, at + 1))
    lines.push(content.slice(0, at).split('\n').length)
  return lines
}
