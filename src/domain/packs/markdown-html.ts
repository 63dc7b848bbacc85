import { doubtFences, hide, matchHere, passOver, type Scan, show, showSource } from './markdown-scan.ts'

/** Reads what begins with `<`: a comment, an address, a tag, or just the sign. */
export function readAngle(scan: Scan): void {
  const { text, at, ends } = scan
  if (text.startsWith('<!--', at)) return hideUntil(scan, commentEnd(scan))
  if (text.startsWith('<![CDATA[', at)) return hideUntil(scan, ends.characterData(at) + 3)
  if (text.startsWith('<?', at)) return hideUntil(scan, ends.instruction(at) + 2)
  if (text.startsWith('<!', at) || (scan.html !== 'none' && matchHere(scan, /<\/[^a-z]/iy) !== null))
    return readDeclaration(scan)
  const address = matchHere(scan, ADDRESS)
  if (address !== null) {
    showSource(scan, at + 1, at + address[0].length - 1)
    scan.at = at + address[0].length
    return
  }
  const tag = matchHere(scan, TAG)
  if (tag === null) return showSign(scan)
  readTag(scan, { name: (tag[2] ?? '').toLowerCase(), isEnd: tag[1] === '/', start: at })
}

const ADDRESS = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w.-]+)>/iy
const TAG = /<(\/?)([a-z][a-z0-9-]*)/iy

/** Whether `<!-->` is a whole comment is read in two ways: where a later end exists, that one counts. */
function commentEnd({ text, at, ends }: Scan): number {
  const short = /^<!--(-?>)/.exec(text.slice(at, at + 6))?.[0].length
  const end = ends.comment(at + (short ?? 4))
  return short !== undefined && end === text.length ? at + short : end + 3
}

function hideUntil(scan: Scan, end: number): void {
  const last = Math.min(end, scan.text.length)
  hide(scan, 'html-comment', scan.at, last)
  passOver(scan, last)
}

function readDeclaration(scan: Scan): void {
  const end = scan.ends.declaration(scan.at)
  if (end === scan.text.length && scan.html === 'none') return showSign(scan)
  hide(scan, 'html-tag', scan.at, Math.min(end + 1, scan.text.length))
  passOver(scan, Math.min(end + 1, scan.text.length))
}

function showSign(scan: Scan): void {
  show(scan, '<')
  scan.at += 1
}

type Tag = { readonly name: string; readonly isEnd: boolean; readonly start: number }

function readTag(scan: Scan, tag: Tag): void {
  const { start } = tag
  const end = scan.ends.tag(start + (tag.isEnd ? 2 : 1))
  if (end < 0) return readUnclosedTag(scan)
  if (scan.ends.angle(start + 1) < end) return veilTag(scan, end + 1)
  const source = scan.text.slice(start, end + 1)
  const behindName = source.slice(tag.name.length + 1 + Number(tag.isEnd))
  if (/[^\s/>]/.test(behindName) || !PLAIN.has(tag.name)) hide(scan, 'html-tag', start, end + 1)
  passOver(scan, end + 1)
  readElement(scan, tag, source)
}

/** In raw HTML such a tag takes all that follows; in prose it is only the sign. */
function readUnclosedTag(scan: Scan): void {
  if (scan.html === 'none') return showSign(scan)
  hide(scan, 'html-tag', scan.at, scan.text.length)
  scan.at = scan.text.length
}

function readElement(scan: Scan, tag: Tag, source: string): void {
  if (scan.element !== undefined) readInside(scan, tag)
  else if (!tag.isEnd && hidesContent(scan, tag.name, source)) scan.element = { start: tag.start, open: [tag.name] }
  else if (tag.name === 'br') show(scan, '\n', tag.start, scan.at)
  else if (tag.name === 'details') readDetails(scan, tag, source)
  else readTable(scan, tag)
}

/** A tag that may hold another one may also be no tag: nothing up to its end is shown, and yet what is in it is read. */
function veilTag(scan: Scan, end: number): void {
  if (end > scan.veil) {
    hide(scan, 'html-tag', scan.at, end)
    doubtFences(scan, Math.max(scan.at, scan.veil), end)
    scan.veil = end
  }
  scan.at += 1
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** The names of elements that say nothing by themselves. */
const PLAIN = words(
  'a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s samp small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var video wbr',
)
/** What is in these is never, or not in this order, on the page. */
const SWALLOWING = words('rp bdo')
/** The same, where they have an end; without one the name alone was meant. */
const LEFT_OUT = words(
  'applet audio canvas datalist head iframe marquee math noembed noframes noscript object script select style svg template textarea title video xmp',
)
const VOID = words('area base br col embed hr img input link meta source track wbr')

function hidesContent(scan: Scan, name: string, source: string): boolean {
  if (VOID.has(name)) return false
  if (SWALLOWING.has(name) || /[\s/"'](?:hidden[\s=/>]|(?:style|color|bgcolor)\s*=)/i.test(source)) return true
  return LEFT_OUT.has(name) && scan.ends.hasEndTag(name, scan.at)
}

/** Only the end of the element begun last is surely an end: in doubt more is hidden. */
function readInside(scan: Scan, { name, isEnd, start }: Tag): void {
  const { element } = scan
  if (element === undefined || VOID.has(name)) return
  if (!isEnd) element.open.push(name)
  else if (element.open.at(-1) === name) element.open.pop()
  if (element.open.length > 0) return
  scan.element = undefined
  if (scan.collapsed === 0) hide(scan, 'hidden-element', element.start, start)
}

function readDetails(scan: Scan, { isEnd, start }: Tag, source: string): void {
  if (!isEnd) return openDetails(scan, /^<details\s+open(?:\s*=\s*(?:""|''|open))?\s*>$/i.test(source))
  if (start < scan.veil || (scan.details.at(-1)?.tables.length ?? 0) > 0) return
  const details = scan.details.pop()
  if (details === undefined || details.isOpen) return
  scan.collapsed -= 1
  if (scan.collapsed === 0) hide(scan, 'collapsed-section', scan.collapsedFrom, start)
}

function openDetails(scan: Scan, isOpen: boolean): void {
  scan.details.push({ isOpen, tables: [] })
  if (isOpen) return
  scan.collapsed += 1
  if (scan.collapsed > 1) return
  const summary = matchHere(scan, SUMMARY)?.[0].length ?? 0
  scan.summaryEnd = scan.at + summary
  scan.collapsedFrom = scan.summaryEnd
}

/** What stays visible of a section: a summary directly behind its beginning, with nothing in it that could go wrong. */
const SUMMARY =
  /[ \t]*(?:\r?\n[ \t]*)?<summary>(?:[^<\n`\\]|<\/?(?:b|i|em|strong|code|kbd|sub|sup|h[1-6])>){0,400}<\/summary>/iy

function readTable(scan: Scan, { name, isEnd }: Tag): void {
  const tables = scan.details.at(-1)?.tables
  if (tables === undefined || !TABLE.has(name)) return
  if (!isEnd) tables.push(name)
  else if (tables.at(-1) === name) tables.pop()
}

const TABLE = words('table caption td th')

/** A section or element that is never closed hides all that follows. */
export function closeElements(scan: Scan): void {
  const end = scan.text.length
  if (scan.collapsed > 0) hide(scan, 'collapsed-section', scan.collapsedFrom, end)
  else if (scan.element !== undefined) hide(scan, 'hidden-element', scan.element.start, end)
}
