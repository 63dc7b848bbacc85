import { closeImage } from './markdown-links.ts'
import { hide, type Scan, showSource } from './markdown-scan.ts'

export function readFencedLine(scan: Scan, line: string, end: number): boolean {
  const fence = scan.fence ?? ''
  const mark = line.trim()
  const isEnd = /^ {0,3}[`~]/.test(line) && mark.startsWith(fence) && mark === fence.charAt(0).repeat(mark.length)
  const next = Math.min(end + 1, scan.text.length)
  if (isEnd) scan.fence = undefined
  else if (scan.isDrawn) hide(scan, 'drawn-code', scan.at, next)
  else showSource(scan, scan.at, next)
  scan.at = next
  return true
}

/**
 * Only a fence at the very margin is sure to be at the top level, where nothing but its own end closes it. Once another
 * one was seen, it is open whether the next begins or ends.
 */
export function openFence(scan: Scan, line: string, end: number): boolean {
  if (!FENCE.test(line)) return false
  if (NESTED_FENCE.test(line)) scan.isFenceSure = false
  const fence = /^(`{3,}|~{3,})(.*)$/s.exec(line)
  if (fence === null || !scan.isFenceSure || scan.html !== 'none') return hideDrawn(scan, line, end)
  const [, mark = '', label = ''] = fence
  return mark.startsWith('`') && label.includes('`') ? false : begin(scan, { mark, label, end })
}

type Fence = { readonly mark: string; readonly label: string; readonly end: number }

function begin(scan: Scan, { mark, label, end }: Fence): boolean {
  scan.fence = mark
  scan.isDrawn = DRAWN.test(mark + label)
  if (scan.image !== undefined) closeImage(scan, scan.at)
  if (!LANGUAGE.test(label.trim())) hide(scan, 'code-label', scan.at + mark.length, end)
  scan.at = Math.min(end + 1, scan.text.length)
  return true
}

const FENCE = /```|~~~/
const NESTED_FENCE = /^(?:[ \t>*+-]+|[ \t>*+-]*\d{1,9}[.)][ \t]+)(?:```|~~~)/
/** What names a language, and says nothing else. */
const LANGUAGE = /^(?:[A-Za-z0-9+#.]{1,16}(?:[-_][A-Za-z0-9]{1,10})?)?$/
/** The page shows a picture in the place of these. */
const DRAWN = /^([ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?)(`{3,}|~{3,})[ \t]*(?:mermaid|math|geojson|topojson|stl)\b/i

/** One that is not surely at the top level is hidden up to a line that is surely its end. */
function hideDrawn(scan: Scan, line: string, end: number): boolean {
  const [, prefix = '', mark] = DRAWN.exec(line) ?? []
  if (mark === undefined) return false
  let last = end
  let isEnd = false
  while (!isEnd && last < scan.text.length) {
    const next = scan.ends.line(last + 1)
    isEnd = endsDrawn(scan.text.slice(last + 1, next), prefix, mark)
    last = next
  }
  hide(scan, 'drawn-code', scan.at, last)
  scan.isFenceSure = false
  scan.at = Math.min(last + 1, scan.text.length)
  return true
}

function endsDrawn(line: string, prefix: string, mark: string): boolean {
  const [, before = '', found = ''] = /^([ >]*)(`{3,}|~{3,})[ \t\r]*$/.exec(line) ?? []
  return found.startsWith(mark) && quotesIn(before) === quotesIn(prefix) && before.length <= prefix.length + 3
}

function quotesIn(prefix: string): number {
  return prefix.split('>').length
}
