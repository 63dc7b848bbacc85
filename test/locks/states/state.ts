import type { Part } from './line.ts'

/** What is true by plain bookkeeping, whatever the lock stream says: what a run has leased, and since when it waits. */
export type Book = {
  /** What its unbroken lease covers, as bits of what the model's wishes name. */
  readonly covers: number
  readonly token: number
  readonly left: number
  /** Its turn: when it first began to wait, kept until it has its locks. 0 where it does not. */
  readonly came: number
}

/** One run in a state of the whole. */
export type RunAt = {
  /** The number of its standing. */
  readonly stand: number
  /** The fence that it believes it has. */
  readonly token: number
  readonly place: number
  /** Whether the base changed what it touches: not, before its next look begins, or while a look is under way. */
  readonly moved: 0 | 1 | 2
  readonly isWoken: boolean
  /** It gave something back, and whoever recorded that has yet to see who is next. */
  readonly wakes: boolean
  readonly part: Part
  readonly book: Book
}

/** A state of the whole. Tokens and places are numbers of one order; `issued` is the newest token that anyone was given. */
export type State = { readonly runs: readonly RunAt[]; readonly issued: number }

export const NO_PART: Part = { keys: 0, token: 0, left: 0, place: 0 }
export const NO_BOOK: Book = { covers: 0, token: 0, left: 0, came: 0 }

/** How many numbers one run takes. */
const WIDTH = 12

/** As short a text as it can be, the same for states that differ only in how large their tokens and places are. */
export function encode({ runs, issued }: State): string {
  const flat = runs.flatMap(({ stand, token, place, moved, isWoken, wakes, part, book }) => [
    stand,
    moved * 4 + (isWoken ? 2 : 0) + (wakes ? 1 : 0),
    part.keys,
    part.left,
    book.covers,
    book.left,
    token,
    place,
    part.token,
    part.place,
    book.token,
    book.came,
  ])
  flat.push(issued)
  return String.fromCharCode(...ranked(flat))
}

/** The first of a run's numbers that are tokens and places. */
const ORDERED = 6

function ranked(flat: readonly number[]): readonly number[] {
  const isOrdered = (i: number) => i % WIDTH >= ORDERED || i === flat.length - 1
  const order = [...new Set(flat.filter((n, i) => n > 0 && isOrdered(i)))].sort((a, b) => a - b)
  return flat.map((n, i) => (isOrdered(i) ? order.indexOf(n) + 1 : n))
}

export function decode(key: string): State {
  const at = (i: number) => key.charCodeAt(i)
  const runs = Array.from({ length: (key.length - 1) / WIDTH }, (_, r): RunAt => {
    const i = r * WIDTH
    const bits = at(i + 1)
    const moved = bits >> 2
    return {
      stand: at(i),
      moved: moved === 0 ? 0 : moved === 1 ? 1 : 2,
      isWoken: (bits & 2) !== 0,
      wakes: (bits & 1) !== 0,
      part: { keys: at(i + 2), left: at(i + 3), token: at(i + 8), place: at(i + 9) },
      book: { covers: at(i + 4), left: at(i + 5), token: at(i + 10), came: at(i + 11) },
      token: at(i + 6),
      place: at(i + 7),
    }
  })
  return { runs, issued: at(key.length - 1) }
}

/** The highest number in use: the length of the lock stream, as far as order goes. */
export function seqOf({ runs, issued }: State): number {
  let most = issued
  for (const { token, place, part, book } of runs)
    most = Math.max(most, token, place, part.token, part.place, book.token, book.came)
  return most
}
