import { isInvisible, isJoining } from './invisible.ts'
import type { MarkdownEnds } from './markdown-ends.ts'

export type HiddenKind =
  | 'html-comment'
  | 'html-tag'
  | 'hidden-element'
  | 'invisible-characters'
  | 'collapsed-section'
  | 'image-alt'
  | 'link-title'
  | 'reference-definition'
  | 'code-label'
  | 'drawn-code'
  | 'formula'
  | 'table-row'
  | 'white-space'

export type Span = { readonly kind: HiddenKind; readonly start: number; readonly end: number }

/** A stretch of what a person sees, with the stretch of the source that it stands for. */
export type Piece = { readonly text: string; readonly start: number; readonly end: number; readonly isCode: boolean }

/** A section; `tables` are the parts of tables begun in it, inside of which a browser hears no end of the section. */
type Details = { readonly isOpen: boolean; readonly tables: string[] }

/** An element that browsers or the page's sanitizer may leave out, with the elements begun in it. */
type HiddenElement = { readonly start: number; readonly open: string[] }

/** One pass over a text, in progress: each part moves `at` on and leaves what is visible and what is not. */
export type Scan = {
  readonly text: string
  readonly ends: MarkdownEnds
  /** The labels that reference definitions may have given, in one form. */
  readonly labels: ReadonlySet<string>
  at: number
  readonly pieces: Piece[]
  readonly spans: Span[]
  readonly details: Details[]
  /** How many of these sections are collapsed, where the outermost begins to be, and up to where its summary is seen. */
  collapsed: number
  collapsedFrom: number
  summaryEnd: number
  element: HiddenElement | undefined
  /** Nothing before this place is shown: it may be part of a tag. */
  veil: number
  /** The image whose alternative text is being read. */
  image: { readonly start: number; depth: number } | undefined
  /** In raw HTML neither code nor escapes protect; it ends at a blank line or, begun by `<pre>` and its like, at its end tag. */
  html: 'none' | 'until-blank' | 'until-end-tag'
  fence: string | undefined
  /** Whether the page draws a picture of what is in the fence. */
  isDrawn: boolean
  /** How many cells of a row the table shows that may have begun; 0 outside of tables. */
  columns: number
  /** From where a fence may have been swallowed or be nested, no fence is sure to protect what it seems to hold. */
  isFenceSure: boolean
  /** Backticks without an end on their line may make code of what follows in the paragraph. */
  hasStrayTicks: boolean
}

export function scanOf(text: string, ends: MarkdownEnds): Scan {
  const labels = new Set(Array.from(text.matchAll(LABEL), ([, label = '']) => labelOf(label)))
  return {
    text,
    ends,
    labels,
    at: 0,
    pieces: [],
    spans: [],
    details: [],
    collapsed: 0,
    collapsedFrom: 0,
    summaryEnd: 0,
    element: undefined,
    veil: 0,
    image: undefined,
    html: 'none',
    fence: undefined,
    isDrawn: false,
    columns: 0,
    isFenceSure: true,
    hasStrayTicks: false,
  }
}

const LABEL = /^[ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?\[((?:[^[\]\\]|\\[^]){1,999})\]:/gm

/** Labels are the same whatever their case and spaces. */
export function labelOf(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase().toUpperCase()
}

export function hide(scan: Scan, kind: HiddenKind, start: number, end: number): void {
  const last = scan.spans.at(-1)
  const isOfOne = kind === 'invisible-characters' || kind === 'drawn-code'
  const continues = isOfOne && last?.kind === kind && last.end === start
  if (continues) scan.spans[scan.spans.length - 1] = { kind, start: last.start, end }
  else scan.spans.push({ kind, start, end })
}

/** Puts text of the page where a person sees it, unless a closed section or an image's alternative text swallows it. */
export function show(scan: Scan, text: string, start: number = scan.at, end: number = start + text.length): void {
  if (isCollapsed(scan) || scan.image !== undefined || start < scan.veil) return
  scan.pieces.push({ text, start, end, isCode: scan.fence !== undefined })
}

export function isCollapsed(scan: Scan): boolean {
  const isSummary = scan.collapsed === 1 && scan.at < scan.summaryEnd
  return scan.element !== undefined || (scan.collapsed > 0 && !isSummary)
}

/** Shows a stretch of the source as it stands, without the characters in it that nobody sees. */
export function showSource(scan: Scan, from: number, end: number): void {
  const start = Math.min(Math.max(from, scan.veil), end)
  if (PRINTABLE.test(scan.text.slice(start, end))) return showRun(scan, start, end)
  let run = start
  let at = start
  while (at < end) {
    const character = String.fromCodePoint(scan.text.codePointAt(at) ?? 0)
    const next = at + character.length
    if (isHidden(scan.text, at, character)) {
      showRun(scan, run, at)
      hide(scan, 'invisible-characters', at, next)
      run = next
    }
    at = next
  }
  showRun(scan, run, end)
}

const PRINTABLE = /^[\n\r\t -~]*$/

function showRun(scan: Scan, start: number, end: number): void {
  if (end > start) show(scan, scan.text.slice(start, end), start)
}

function isHidden(text: string, at: number, character: string): boolean {
  if (character >= ' ' && character <= '~') return false
  if (!isInvisible(character)) return false
  if (!JOINERS.has(character)) return true
  return !isJoining(character, characterBefore(text, at), String.fromCodePoint(text.codePointAt(at + 1) ?? 0x20))
}

const JOINERS: ReadonlySet<string> = new Set(['\u200C', '\u200D', '\uFE0E', '\uFE0F'])

function characterBefore(text: string, at: number): string {
  return Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? ' '
}

/** Moves on behind what is hidden; a fence in there may be the page's, so that those to come may end and not begin one. */
export function passOver(scan: Scan, end: number): void {
  doubtFences(scan, scan.at, end)
  scan.at = end
}

export function doubtFences(scan: Scan, start: number, end: number): void {
  if (scan.isFenceSure && SWALLOWED_FENCE.test(scan.text.slice(start, end))) scan.isFenceSure = false
}

const SWALLOWED_FENCE = /\n[ \t>*+-]*(?:```|~~~)/

export function isLineStart(scan: Scan): boolean {
  return scan.at === 0 || scan.text[scan.at - 1] === '\n'
}

/** The match of a sticky pattern at the current place. */
export function matchHere(scan: Scan, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = scan.at
  return pattern.exec(scan.text)
}

/** How long that match is; 0 where there is none. */
export function lengthHere(scan: Scan, pattern: RegExp): number {
  pattern.lastIndex = scan.at
  return pattern.test(scan.text) ? pattern.lastIndex - scan.at : 0
}
