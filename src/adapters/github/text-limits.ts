/** GitHub refuses comments and bodies above 65,536 characters; ours stay well below, in UTF-16 units and in bytes. */
export const COMMENT_LIMIT = 60_000
/** The limit of a check run's summary, and of its text. */
export const CHECK_LIMIT = 65_535

const CUT = '\n\n_Cut here: the rest is longer than GitHub shows. The whole text is in the run’s record._'
const ROOM_FOR_CLOSING = 200

/**
 * Cuts a text to what fits beside `after`, at the end of a line, closes what was left open and says so. What fits stays
 * as it is. `after` is never cut.
 */
export function fit(text: string, limit: number, after = ''): string {
  if (isWithin(text + after, limit)) return text + after
  const room = limit - sizeOf(CUT + after) - ROOM_FOR_CLOSING
  const kept = longestWithin(text, room)
  const line = kept.lastIndexOf('\n')
  const whole = line > kept.length / 2 ? kept.slice(0, line) : kept
  return `${whole}${closingOf(whole)}${CUT}${after}`
}

function isWithin(text: string, limit: number): boolean {
  return sizeOf(text) <= limit
}

/** UTF-8 is never shorter than UTF-16 counts, so the bytes bound both. */
function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length
}

function longestWithin(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(bytes, 0)))
  return text.slice(0, read)
}

/** Ends a code fence and the folded parts that the cut left open, so that the sentence after it is seen. */
function closingOf(text: string): string {
  const fence = openFence(text)
  const folded = Math.max(0, count(text, /<details[\s>]/gi) - count(text, /<\/details>/gi))
  return `${fence === undefined ? '' : `\n${fence}`}${'\n</details>'.repeat(Math.min(folded, 10))}`
}

function openFence(text: string): string | undefined {
  let open: string | undefined
  for (const [, mark = '', rest = ''] of text.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    if (open === undefined) open = mark.slice(0, 100)
    else if (mark.startsWith(open) && rest.trim() === '') open = undefined
  }
  return open
}

function count(text: string, pattern: RegExp): number {
  return Array.from(text.matchAll(pattern)).length
}
