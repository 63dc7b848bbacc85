import { cutText } from './cut-text.ts'
import type { Claim, TextSource } from './intent.ts'
import { type HiddenSpan, readText } from './intent-text.ts'
import type { Piece } from './markdown-scan.ts'

/** A line as a reader sees it; `at` is its place in the visible text. Code and quotations are nobody's own words. */
export type Line = { readonly text: string; readonly at: number; readonly isQuoted: boolean }

/** A text that can be cited: what is visible of it, and where each stretch of that stands in the source. */
export type Citable = {
  readonly lines: readonly Line[]
  readonly visible: string
  readonly hidden: readonly HiddenSpan[]
  /** The claim that stands at a stretch of the visible text; undefined where there are only spaces. */
  readonly cite: (from: number, to: number) => Claim | undefined
}

const MAX_CLAIM = 1000

export function toCitable(source: TextSource, text: string): Citable {
  const { pieces, hidden } = readText(text)
  const visible = pieces.map((piece) => piece.text).join('')
  const places = placesOf(pieces, visible.length)
  const cite = (from: number, to: number): Claim | undefined => {
    const stretch = visible.slice(from, to)
    const said = cutText(stretch.trim(), MAX_CLAIM)
    const first = from + stretch.length - stretch.trimStart().length
    const [start, end] = [places.starts[first], places.ends[first + said.length - 1]]
    return said === '' || start === undefined || end === undefined ? undefined : { text: said, source, start, end }
  }
  return { lines: linesOf(visible, places.isCode), visible, hidden, cite }
}

type Places = {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly isCode: Uint8Array
}

/** For each unit of the visible text the source that it stands for; a piece of another length stands for all of its source. */
function placesOf(pieces: readonly Piece[], length: number): Places {
  const starts = new Uint32Array(length)
  const ends = new Uint32Array(length)
  const isCode = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    const isPlain = piece.text.length === piece.end - piece.start
    for (let i = 0; i < piece.text.length; i += 1) {
      starts[at] = isPlain ? piece.start + i : piece.start
      ends[at] = isPlain ? piece.start + i + 1 : piece.end
      isCode[at] = Number(piece.isCode)
      at += 1
    }
  }
  return { starts, ends, isCode }
}

function linesOf(visible: string, isCode: Uint8Array): readonly Line[] {
  let at = 0
  return visible.split('\n').map((text) => {
    const line = {
      text,
      at,
      isQuoted: isCode[at] === 1 || QUOTED.test(text),
    }
    at += text.length + 1
    return line
  })
}

const QUOTED = /^(?: {0,3}>|(?: {4}|\t)[^-*+\d])/
