import { tagEnds } from './markdown-tag-ends.ts'
import { targetEnds } from './markdown-target.ts'
import { once } from './once.ts'

/** Where things that begin at a position end; all answers to questions from left to right together take linear time. */
export type MarkdownEnds = {
  /** The `>` that ends an HTML tag begun before, as browsers read it; -1 where there is none. */
  readonly tag: (from: number) => number
  /** The `)` that ends a link's target begun before; -1 where it is no target. */
  readonly target: (from: number) => number
  /** The next `-->`, `?>` or `]]>`, or the end of the text. */
  readonly comment: (from: number) => number
  readonly instruction: (from: number) => number
  readonly characterData: (from: number) => number
  /** The next `>`, or the end of the text. */
  readonly declaration: (from: number) => number
  /** The next `<`, or the end of the text. */
  readonly angle: (from: number) => number
  /** The sign that may end a formula begun with `$`, `$$` or "$`"; or the end of the text. */
  readonly formula: (from: number) => number
  readonly blockFormula: (from: number) => number
  readonly codedFormula: (from: number) => number
  /** The next command or remark that formulas know, or the end of the text. */
  readonly formulaCommand: (from: number) => number
  /** The next empty line, or the end of the text. */
  readonly paragraph: (from: number) => number
  /** The next end of a line, or of the text. */
  readonly line: (from: number) => number
  /** The next run of just as many backticks on the same line; -1 where there is none. */
  readonly code: (from: number, length: number) => number
  /** Whether an end tag of this name stands further on. */
  readonly hasEndTag: (name: string, from: number) => boolean
}

export function endsOf(text: string): MarkdownEnds {
  const runs = backtickRuns(text)
  const line = nextOf(text, '\n')
  const lastTags = once(() => lastEndTags(text))
  const tags = once(() => tagEnds(text))
  return {
    tag: (from) => tags()[from] ?? -1,
    target: targetEnds(text),
    comment: nextOf(text, '-->'),
    instruction: nextOf(text, '?>'),
    characterData: nextOf(text, ']]>'),
    declaration: nextOf(text, '>'),
    angle: nextOf(text, '<'),
    formula: nextOf(text, /(?<=[^\s$])\$(?![A-Za-z0-9$])/g),
    blockFormula: nextOf(text, '$$'),
    codedFormula: nextOf(text, '`$'),
    formulaCommand: nextOf(text, /\\[A-Za-z]|%/g),
    paragraph: nextOf(text, /\n[ \t>\r]*(?:\n|$)/g),
    line,
    code: (from, length) => {
      const at = firstFrom(runs.get(length) ?? [], from)
      return at !== undefined && at < line(from) ? at : -1
    },
    hasEndTag: (name, from) => (lastTags().get(name) ?? -1) >= from,
  }
}

/** The next place of a needle; asked from left to right it searches each part of the text once. */
function nextOf(text: string, needle: string | RegExp): (from: number) => number {
  let known = -1
  let asked = 0
  return (from) => {
    if (from < asked || known < from) {
      const found = typeof needle === 'string' ? text.indexOf(needle, from) : matchFrom(text, needle, from)
      known = found < 0 ? text.length : found
    }
    asked = from
    return known
  }
}

function matchFrom(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? -1
}

function lastEndTags(text: string): ReadonlyMap<string, number> {
  return new Map(
    Array.from(text.matchAll(/<\/([a-z][a-z0-9-]*)/gi), ({ 1: name = '', index }) => [name.toLowerCase(), index]),
  )
}

function backtickRuns(text: string): ReadonlyMap<number, readonly number[]> {
  const runs = new Map<number, number[]>()
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const places = runs.get(run.length)
    if (places === undefined) runs.set(run.length, [index])
    else places.push(index)
  }
  return runs
}

function firstFrom(places: readonly number[], from: number): number | undefined {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] ?? 0) < from) low = middle + 1
    else high = middle
  }
  return places[low]
}
