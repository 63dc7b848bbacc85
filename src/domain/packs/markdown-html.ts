import { hide, isCollapsed, matchHere, type Scan, show, showSource } from './markdown-scan.ts'

/** Reads what begins with `<`: a comment, an address, a tag, or just the sign. */
export function readAngle(scan: Scan): void {
  const { text, at, ends } = scan
  if (text.startsWith('<!--', at)) return hideUntil(scan, ends.comment(at + 2) + 3)
  if (text.startsWith('<![CDATA[', at)) return hideUntil(scan, ends.characterData(at) + 3)
  if (text.startsWith('<?', at)) return hideUntil(scan, ends.instruction(at) + 2)
  const address = matchHere(scan, /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w.-]+)>/iy)
  if (address !== null) {
    showSource(scan, at + 1, at + address[0].length - 1)
    scan.at = at + address[0].length
    return
  }
  const tag = matchHere(scan, /<(\/?)([a-z][a-z0-9-]*)|<!/iy)
  if (tag === null) return showSign(scan)
  readTag(scan, { name: (tag[2] ?? '').toLowerCase(), isEnd: tag[1] === '/' })
}

function hideUntil(scan: Scan, end: number): void {
  const last = Math.min(end, scan.text.length)
  hide(scan, 'html-comment', scan.at, last)
  scan.at = last
}

function showSign(scan: Scan): void {
  show(scan, '<')
  scan.at += 1
}

type Tag = { readonly name: string; readonly isEnd: boolean }

function readTag(scan: Scan, tag: Tag): void {
  const start = scan.at
  const end = scan.ends.tag(start + 1)
  if (end < 0) {
    if (scan.html === 'none') return showSign(scan)
    hide(scan, 'html-tag', start, scan.text.length)
    scan.at = scan.text.length
    return
  }
  scan.at = end + 1
  const source = scan.text.slice(start, end + 1)
  if (/[\s/][^\s/>]/.test(source.slice(tag.name.length + 1 + Number(tag.isEnd)))) hide(scan, 'html-tag', start, end + 1)
  if (tag.name === 'br') show(scan, '\n', start, end + 1)
  if (tag.name === 'details') readDetails(scan, tag, start, source)
  if (tag.name === 'summary') readSummary(scan, tag)
}

function readDetails(scan: Scan, { isEnd }: Tag, start: number, source: string): void {
  if (!isEnd) {
    const isOpen = /\sopen(?:[\s=/>])/i.test(source)
    scan.details.push({ isOpen, bodyStart: scan.at, hasSummary: false, inSummary: false })
    return
  }
  const details = scan.details.pop()
  const isOutermost = details !== undefined && !details.isOpen && !isCollapsed(scan)
  if (isOutermost) hide(scan, 'collapsed-section', details.bodyStart, start)
}

/** The first summary of a section is what stays visible of it. */
function readSummary(scan: Scan, { isEnd }: Tag): void {
  const details = scan.details.at(-1)
  if (details === undefined) return
  if (isEnd && details.inSummary) details.bodyStart = scan.at
  details.inSummary = !isEnd && !details.hasSummary
  details.hasSummary = true
}

/** A section that is never closed hides all that follows. */
export function closeDetails(scan: Scan): void {
  const outermost = scan.details.find(({ isOpen }) => !isOpen)
  if (outermost !== undefined) hide(scan, 'collapsed-section', outermost.bodyStart, scan.text.length)
}
