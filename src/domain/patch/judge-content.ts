import { fromUtf8, splitLines } from './bytes.ts'
import { hiddenIn, showText } from './hidden-text.ts'

/** A line of the new text with characters that nobody sees, in a form in which they are seen. */
export type HiddenLine = { readonly line: number; readonly hidden: readonly string[]; readonly shown: string }

const MAX_SHOWN_LINES = 5
const MAX_SHOWN_CHARACTERS = 160

/** The first lines that the new content adds and that hold hidden characters. Content that is no text has none. */
export function addedHiddenText(before: Uint8Array, after: Uint8Array): readonly HiddenLine[] {
  if (isAscii(after)) return []
  const text = textOf(after)
  if (text === undefined || hiddenIn(text).length === 0) return []
  const old = new Set((textOf(before) ?? '').split('\n'))
  return text
    .split('\n')
    .map((line, i) => ({ line: i + 1, text: line, hidden: hiddenIn(line) }))
    .filter(({ text, hidden }) => hidden.length > 0 && !old.has(text))
    .slice(0, MAX_SHOWN_LINES)
    .map(({ line, text, hidden }) => ({ line, hidden, shown: showText(text).slice(0, MAX_SHOWN_CHARACTERS) }))
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) if ((bytes[i] ?? 0) >= 0x80) return false
  return true
}

/** Bytes as a person's editor would show them, without a byte order mark at the very start; undefined for no text. */
function textOf(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const text = fromUtf8(bytes) ?? (bytes.includes(0) ? undefined : lenientText(bytes))
  return text?.startsWith('\ufeff') === true ? text.slice(1) : text
}

/** Text in an old encoding, line by line, so that one odd byte does not hide what the other lines say. */
function lenientText(bytes: Uint8Array): string {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
  return splitLines(bytes)
    .map((line) => lenient.decode(line))
    .join('')
}
