import { hexDigits, NO_DIGIT } from './bytes-text.ts'
import { ASK, KEEP, NOTHING, step, type View, type Walk, walkedView } from './views.ts'

const [PERCENT, BACKSLASH, AMPERSAND] = [0x25, 0x5c, 0x26] as const

/** The text behind its escapes: those of URLs, of strings in programs and JSON, and of HTML by number. */
export function unescapedView(view: View): View | undefined {
  return ESCAPES.some((byte) => view.bytes.includes(byte)) ? walkedView(view, unescape, view.words) : undefined
}

const ESCAPES = [PERCENT, BACKSLASH, AMPERSAND]

const unescape: Walk = {
  stops: Uint8Array.from({ length: 256 }, (_, byte) => (ESCAPES.some((one) => one === byte) ? ASK : KEEP)),
  from: unescapeFrom,
}

function unescapeFrom(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0
  if (byte === PERCENT) return unescapeHex(bytes, at, { before: 1, digits: 2 })
  return byte === BACKSLASH ? unescapeBackslash(bytes, at) : unescapeEntity(bytes, at)
}

/** An escape by hex digits; what is none stands for itself. */
function unescapeHex(
  bytes: Uint8Array,
  at: number,
  { before, digits }: { readonly before: number; readonly digits: number },
): number {
  let value = 0
  for (let i = at + before; i < at + before + digits; i += 1) {
    const digit = hexDigits[bytes[i] ?? 0] ?? NO_DIGIT
    if (digit === NO_DIGIT) return step(1, bytes[at] ?? 0)
    value = value * 16 + digit
  }
  return step(before + digits, toByte(value, digits))
}

/** A pair of digits is a byte; a longer number is a character, and such without width are left out. */
function toByte(value: number, digits: number): number {
  if (value < 0x80 || digits === 2) return value & 0xff
  const isUnseen = value === 0xad || value === 0xfeff || (value >= 0x2000 && value <= 0x206f)
  return isUnseen ? NOTHING : 0xff
}

const LETTERS: ReadonlyMap<number, number> = new Map(
  Object.entries({ n: 10, r: 13, t: 9, b: 8, f: 12, '0': 0, '"': 34, "'": 39, '/': 47, '\\': 92, '`': 96 }).map(
    ([letter, byte]) => [letter.charCodeAt(0), byte],
  ),
)

function unescapeBackslash(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1] ?? 0
  if (letter === 0x75) return unescapeHex(bytes, at, { before: 2, digits: 4 })
  if (letter === 0x78) return unescapeHex(bytes, at, { before: 2, digits: 2 })
  const byte = LETTERS.get(letter)
  return byte === undefined ? step(1, BACKSLASH) : step(2, byte)
}

const LONGEST_ENTITY = 10

function unescapeEntity(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== 0x23) return step(1, AMPERSAND)
  const end = bytes.subarray(at, at + LONGEST_ENTITY).indexOf(0x3b)
  const text = end < 0 ? '' : String.fromCharCode(...bytes.subarray(at + 2, at + end))
  const [, hex, decimal] = /^(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(text) ?? []
  const value = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16)
  return Number.isNaN(value) ? step(1, AMPERSAND) : step(end + 1, toByte(value, 4))
}
