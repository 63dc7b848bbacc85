import { isInvisible, referenced } from './invisible.ts'
import { endsOf } from './markdown-ends.ts'
import { openFence, readFencedLine } from './markdown-fences.ts'
import { readDollar } from './markdown-formulas.ts'
import { closeElements, readAngle } from './markdown-html.ts'
import { closeImage, readBang, readClosing, readOpening } from './markdown-links.ts'
import {
  hide,
  isLineStart,
  lengthHere,
  matchHere,
  type Piece,
  passOver,
  type Scan,
  type Span,
  scanOf,
  show,
  showSource,
} from './markdown-scan.ts'

/** Reads Markdown from left to right; each step moves on, so the whole is linear. */
export function readMarkdown(text: string): { readonly pieces: readonly Piece[]; readonly spans: readonly Span[] } {
  const scan = scanOf(text, endsOf(text))
  while (scan.at < text.length) {
    if (isLineStart(scan) && readLine(scan)) continue
    readNext(scan)
  }
  if (scan.image !== undefined) closeImage(scan, text.length)
  closeElements(scan)
  return { pieces: scan.pieces, spans: scan.spans }
}

/** Takes a whole line where the line as a whole means something. */
function readLine(scan: Scan): boolean {
  if (isPlainLine(scan)) return false
  const end = scan.ends.line(scan.at)
  const line = scan.text.slice(scan.at, end)
  if (scan.fence !== undefined) return readFencedLine(scan, line, end)
  if (openFence(scan, line, end)) return true
  if (readRow(scan, line, end)) return true
  const definition = line.includes('[') ? matchHere(scan, DEFINITION) : null
  if (definition !== null) return hideDefinition(scan, definition[0])
  if (line.includes('<')) scan.html = htmlFrom(scan.html, line)
  return false
}

/** By its first letter a line of prose is known at once. */
function isPlainLine(scan: Scan): boolean {
  return !isOpen(scan) && /[^\s>*+\d[<`~|:-]/.test(scan.text.charAt(scan.at))
}

/** In these every line counts. */
function isOpen({ fence, html, columns }: Scan): boolean {
  return fence !== undefined || html === 'until-end-tag' || columns > 0
}

function htmlFrom(html: Scan['html'], line: string): Scan['html'] {
  if (html === 'until-end-tag') return RAW_END.test(line) ? 'until-blank' : html
  if (RAW.test(line) && !RAW_END.test(line)) return 'until-end-tag'
  return HTML.test(line) ? 'until-blank' : html
}

/** Also inside quotes and lists. */
const HTML = /^[ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?<(?:[/!?]|[a-z][a-z0-9-]*(?:[\s/>]|$))/i
const RAW = /^[ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?<(?:pre|script|style|textarea)(?:[\s>]|$)/i
const RAW_END = /<\/(?:pre|script|style|textarea)>/i
const DEFINITION = /[ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?\[(?:[^[\]\\]|\\[^]){1,999}\]:/y

/** The cells of a row that its table has no column for are not on the page: with them the row is hidden. */
function readRow(scan: Scan, line: string, end: number): boolean {
  if (scan.columns === 0 && !line.includes('|')) return false
  const isDelimiter = /^[ \t\r>|:-]+$/.test(line) && line.includes('-') && line.includes('|')
  if (isDelimiter) scan.columns = cellsIn(line)
  if (isDelimiter || scan.columns === 0 || cellsIn(line) <= scan.columns) return false
  hide(scan, 'table-row', scan.at, end)
  scan.at = end
  return true
}

function cellsIn(line: string): number {
  const row = line.replace(/^[\s>]*\|/, '').trimEnd()
  const separators = (row.includes('\\') ? row.replaceAll(/\\./g, '') : row).split('|').length - 1
  return row.endsWith('|') && !row.endsWith('\\|') ? separators : separators + 1
}

/** A definition may go on over lines: it is hidden up to the next blank line where its title is not closed on this one. */
function hideDefinition(scan: Scan, label: string): boolean {
  const { text, at, ends } = scan
  const end = ends.line(at + label.length)
  const target = text.slice(at + label.length, end).trim()
  const isFootnote = /\[\^/.test(label)
  const isWhole = !isFootnote && WHOLE_TARGET.test(target) && !goesOn(text, end + 1)
  const paragraph = isWhole ? end : paragraphEnd(scan, end)
  const last = isFootnote ? indentedEnd(scan, paragraph) : paragraph
  hide(scan, 'reference-definition', at, last)
  passOver(scan, last)
  return true
}

const WHOLE_TARGET = /^\S+(?:[ \t]+(?:"[^"\\]*"|'[^'\\]*'|\([^()\\]*\)))?$/
const TITLE_START = /[ \t>]*["'(]/y

function goesOn(text: string, from: number): boolean {
  TITLE_START.lastIndex = from
  return TITLE_START.test(text)
}

function paragraphEnd(scan: Scan, from: number): number {
  let end = from
  while (end < scan.text.length) {
    const next = scan.ends.line(end + 1)
    if (scan.text.slice(end + 1, next).trim() === '') return end
    end = next
  }
  return scan.text.length
}

/** A footnote holds all indented paragraphs behind its first. */
function indentedEnd(scan: Scan, from: number): number {
  let end = from
  let next = from
  while (next < scan.text.length) {
    const begin = next + 1
    next = scan.ends.line(begin)
    const line = scan.text.slice(begin, next)
    if (/^(?: {4}|[ >]*\t)/.test(line)) end = next
    else if (line.trim() !== '') return end
  }
  return end
}

const READERS: ReadonlyMap<string, (scan: Scan) => void> = new Map([
  ['<', readAngle],
  ['`', readBackticks],
  ['\\', readEscape],
  ['&', readReference],
  ['!', readBang],
  ['$', readDollar],
  ['[', readOpening],
  [']', readClosing],
])

/** Lines that are plain to their ends, with one space between their words; see `isPlainLine`. */
const PROSE = /[^\s`\\<&!$[\]]+(?:(?: |\n(?=[^\s>*+\d[<`~|:-]))[^\s`\\<&!$[\]]+)*/y
/** Words with one space between them. */
const PLAIN = /[^\s`\\<&!$[\]]+(?: [^\s`\\<&!$[\]]+)*/y
const SPACE = /\s+/y
const TICKS = /`+/y
const REFERENCE = /&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});/iy

function readNext(scan: Scan): void {
  const plain = lengthHere(scan, isOpen(scan) ? PLAIN : PROSE)
  if (plain > 0) {
    showSource(scan, scan.at, scan.at + plain)
    scan.at += plain
    return
  }
  const reader = READERS.get(scan.text.charAt(scan.at)) ?? readSpace
  reader(scan)
}

function readSpace(scan: Scan): void {
  const isPlainEnd = scan.text[scan.at] === '\n' && !isLineStart(scan) && /\S/.test(scan.text.charAt(scan.at + 1))
  if (isPlainEnd) {
    show(scan, '\n')
    scan.at += 1
  } else readLongSpace(scan)
}

/** White space nobody scrolls through is cut out; the indentation of the next line is left to that line. */
function readLongSpace(scan: Scan): void {
  const run = scan.text.slice(scan.at, scan.at + Math.max(1, lengthHere(scan, SPACE)))
  const space = run.slice(0, run.lastIndexOf('\n') + 1) || run
  const end = scan.at + space.length
  const lines = linesIn(space)
  if (lines >= (isLineStart(scan) ? 1 : 2)) endParagraph(scan)
  if (lines > MAX_LINES || space.length > MAX_SPACE) {
    hide(scan, 'white-space', scan.at, end)
    show(scan, lines > 0 ? '\n\n' : ' ', scan.at, end)
  } else showSource(scan, scan.at, end)
  scan.at = end
}

function linesIn(space: string): number {
  let lines = 0
  for (let at = space.indexOf('\n'); at >= 0; at = space.indexOf('\n', at + 1)) lines += 1
  return lines
}

function endParagraph(scan: Scan): void {
  if (scan.image !== undefined) closeImage(scan, scan.at)
  if (scan.html === 'until-blank') scan.html = 'none'
  scan.hasStrayTicks = false
  scan.columns = 0
}

const MAX_LINES = 10
const MAX_SPACE = 120

function readBackticks(scan: Scan): void {
  const length = lengthHere(scan, TICKS)
  const inside = scan.at + length
  const end = scan.html === 'none' && !scan.hasStrayTicks ? scan.ends.code(inside, length) : -1
  scan.hasStrayTicks ||= end < 0
  if (end < 0) show(scan, '`'.repeat(length))
  else showSource(scan, scan.at, end + length)
  scan.at = end < 0 ? inside : end + length
}

function readEscape(scan: Scan): void {
  const next = scan.text.charAt(scan.at + 1)
  const isEscape = scan.html === 'none' && /[!-/:-@[-`{-~]/.test(next)
  show(scan, isEscape ? next : '\\', scan.at, scan.at + (isEscape ? 2 : 1))
  scan.at += isEscape ? 2 : 1
}

function readReference(scan: Scan): void {
  const match = matchHere(scan, REFERENCE)
  const character = match === null ? undefined : referenced(match[1] ?? '')
  const end = scan.at + (character === undefined ? 1 : (match?.[0].length ?? 1))
  if (character === undefined) show(scan, '&')
  else if (isInvisible(character)) hide(scan, 'invisible-characters', scan.at, end)
  else show(scan, character, scan.at, end)
  scan.at = end
}
