/** Where things that begin at a position end; every answer is found in constant time after one pass over the text. */
export type MarkdownEnds = {
  /** The `>` that ends an HTML tag begun before, quotes respected; -1 where there is none. */
  readonly tag: (from: number) => number
  /** The `)` that ends a link's target begun before, titles respected; -1 where there is none in the paragraph. */
  readonly target: (from: number) => number
  /** The next `-->`, `?>` or `]]>`, or the end of the text. */
  readonly comment: (from: number) => number
  readonly instruction: (from: number) => number
  readonly characterData: (from: number) => number
  /** The next end of a line, or of the text. */
  readonly line: (from: number) => number
  /** The next run of just as many backticks on the same line; -1 where there is none. */
  readonly code: (from: number, length: number) => number
}

export function endsOf(text: string): MarkdownEnds {
  const runs = backtickRuns(text)
  const line = nextOf(text, '\n')
  return {
    tag: closing(text, { close: '>', startsQuote: () => true, stops: () => false }),
    target: closing(text, {
      close: ')',
      startsQuote: (at) => at === 0 || /\s/.test(text.charAt(at - 1)),
      stops: (at) => text[at] === '\n' && /^\r?\n/.test(text.slice(at + 1, at + 3)),
    }),
    comment: nextOf(text, '-->'),
    instruction: nextOf(text, '?>'),
    characterData: nextOf(text, ']]>'),
    line,
    code: (from, length) => {
      const at = firstFrom(runs.get(length) ?? [], from)
      return at !== undefined && at < line(from) ? at : -1
    },
  }
}

/** The next place of a needle; asked from left to right it searches each part of the text once. */
function nextOf(text: string, needle: string): (from: number) => number {
  let known = -1
  let asked = 0
  return (from) => {
    if (from < asked || known < from) {
      const found = text.indexOf(needle, from)
      known = found < 0 ? text.length : found
    }
    asked = from
    return known
  }
}

type Closing = {
  readonly close: string
  readonly startsQuote: (at: number) => boolean
  readonly stops: (at: number) => boolean
}

/** Reads the text backwards, so that for each place the end is known outside and inside of either kind of quote. */
function closing(text: string, { close, startsQuote, stops }: Closing): (from: number) => number {
  const outside = new Int32Array(text.length + 1).fill(-1)
  let double = -1
  let single = -1
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const character = text[at]
    const after = outside[at + 1] ?? -1
    const isStop = stops(at)
    const inDouble = double
    const inSingle = single
    if (isStop) double = single = -1
    else if (character === '"') double = after
    else if (character === "'") single = after
    outside[at] = isStop ? -1 : endAt({ character, at, close, after, inDouble, inSingle, opens: startsQuote(at) })
  }
  return (from) => outside[from] ?? -1
}

type Step = {
  readonly character: string | undefined
  readonly at: number
  readonly close: string
  readonly after: number
  readonly inDouble: number
  readonly inSingle: number
  readonly opens: boolean
}

function endAt({ character, at, close, after, inDouble, inSingle, opens }: Step): number {
  if (character === close) return at
  if (character === '"' && opens) return inDouble
  if (character === "'" && opens) return inSingle
  return after
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
