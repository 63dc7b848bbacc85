import { isInvisible } from './invisible.ts'
import type { HiddenKind, Piece } from './markdown-scan.ts'
import { readMarkdown } from './visible-markdown.ts'

/** A part of a text that a reader of the rendered page does not see, with its place in the source. */
export type HiddenSpan = {
  readonly kind: HiddenKind
  readonly start: number
  readonly end: number
  /** The hidden text in visible characters, cut short. */
  readonly text: string
}

export type VisibleText = { readonly visible: string; readonly hidden: readonly HiddenSpan[] }

/** The same, with what is visible still in the pieces of the source that it stands for. */
export type ReadText = { readonly pieces: readonly Piece[]; readonly hidden: readonly HiddenSpan[] }

/**
 * Splits Markdown as GitHub renders it into what a person sees and what is hidden from them. In doubt a part counts as
 * hidden: it is then shown to the approver and obeyed by nobody. Linear in the length of the text.
 */
export function readVisible(markdown: string): VisibleText {
  const { pieces, hidden } = readText(markdown)
  return {
    visible: pieces
      .map((piece) => piece.text)
      .join('')
      .trim(),
    hidden,
  }
}

export function readText(markdown: string): ReadText {
  const { pieces, spans } = readMarkdown(markdown)
  return {
    pieces,
    hidden: spans
      .filter(({ start, end }) => end > start)
      .sort((a, b) => a.start - b.start || b.end - a.end)
      .map(({ kind, start, end }) => ({ kind, start, end, text: shown(markdown.slice(start, end)) })),
  }
}

const MAX_SHOWN = 200

function shown(text: string): string {
  if (text.length === 1) return isInvisible(text) ? escape(text) : text
  const characters = Array.from(text.slice(0, MAX_SHOWN * 2))
  const escaped = characters
    .slice(0, MAX_SHOWN)
    .map((character) => (isInvisible(character) ? escape(character) : character))
  return escaped.join('') + (text.length > escaped.join('').length && characters.length > MAX_SHOWN ? '…' : '')
}

function escape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
