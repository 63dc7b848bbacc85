import { hide, labelOf, matchHere, passOver, type Scan, show } from './markdown-scan.ts'

/** `[` opens a link's text, which is visible, or nests inside the alternative text of an image. */
export function readOpening(scan: Scan): void {
  if (scan.image !== undefined) scan.image.depth += 1
  show(scan, '[')
  scan.at += 1
}

export function readBang(scan: Scan): void {
  const isImage = scan.text[scan.at + 1] === '[' && scan.image === undefined
  if (isImage) scan.image = { start: scan.at, depth: 0 }
  else show(scan, '!')
  scan.at += isImage ? 2 : 1
}

export function readClosing(scan: Scan): void {
  const { image } = scan
  const end = scan.text[scan.at + 1] === '(' ? scan.ends.target(scan.at + 2) : labelEnd(scan)
  const isEnd = image !== undefined && image.depth === 0 && !scan.hasStrayTicks
  if (isEnd) return closeImage(scan, end < 0 ? scan.at + 1 : end + 1)
  if (image !== undefined && image.depth > 0) image.depth -= 1
  show(scan, ']')
  scan.at += 1
  if (end >= 0) readTarget(scan, end)
}

/** The `]` of a label that some definition explains: then the page does not show it. */
function labelEnd(scan: Scan): number {
  const label = matchHere(scan, LABEL)
  return label !== null && scan.labels.has(labelOf(label[1] ?? '')) ? scan.at + label[0].length - 1 : -1
}

const LABEL = /\]\[((?:[^[\]\\]|\\[^]){1,999})\]/y

/** An image shows neither its alternative text nor its address. An image that no `]` ends hides up to the next paragraph. */
export function closeImage(scan: Scan, end: number): void {
  if (scan.image !== undefined) hide(scan, 'image-alt', scan.image.start, end)
  scan.image = undefined
  passOver(scan, end)
}

/** The plain address of a link stays beside its text; a title, or an address that says more than where, is hidden. */
function readTarget(scan: Scan, end: number): void {
  const target = scan.text.slice(scan.at, end + 1)
  if (/^\([!-~]{0,300}\)$/.test(target) && !/["'<>]/.test(target)) show(scan, target)
  else hide(scan, 'link-title', scan.at, end + 1)
  passOver(scan, end + 1)
}
