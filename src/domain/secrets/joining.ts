import { NOTHING, step, type View, type Walk, walkedView } from './views.ts'

const [KEPT, DROPPED, JOINER, WIDE] = [0, 1, 2, 3] as const

/** What stands between the parts of one text: white space, quotes, commas, line ends, and signs of concatenation. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte <= 0x20 || byte === 0x7f || '"\'`\\,'.includes(String.fromCharCode(byte))) return DROPPED
  if ('+.&|>*#<'.includes(String.fromCharCode(byte))) return JOINER
  return byte === 0xe2 || byte === 0xef || byte === 0xc2 ? WIDE : KEPT
})

/** The text as it reads when its parts are put together; undefined where there is nothing between them. */
export function joinedView(view: View): View | undefined {
  return walkedView(view, join, 'joined')
}

const join: Walk = (bytes, at) => {
  const byte = bytes[at] ?? 0
  const kind = KINDS[byte] ?? KEPT
  if (kind === KEPT) return step(1, byte)
  if (kind === DROPPED) return step(1, NOTHING)
  if (kind === WIDE) return joinWide(bytes, at)
  return isBetween(bytes, at) ? step(1, NOTHING) : step(1, byte)
}

/** A sign of concatenation has nothing but what is dropped on both of its sides. */
function isBetween(bytes: Uint8Array, at: number): boolean {
  const [last, next] = [bytes[at - 1] ?? 0x20, bytes[at + 1] ?? 0x20]
  return KINDS[last] === DROPPED && KINDS[next] === DROPPED
}

/** Characters without width: U+00AD, U+00A0, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF. */
function joinWide(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3)
  if (first === 0xc2) return second === 0xad || second === 0xa0 ? step(2, NOTHING) : step(1, first)
  if (first === 0xef) return second === 0xbb && third === 0xbf ? step(3, NOTHING) : step(1, first)
  const isSpace = second === 0x80 && ((third >= 0x80 && third <= 0x8f) || (third >= 0xa8 && third <= 0xae))
  const isFormat = second === 0x81 && third >= 0xa0 && third <= 0xaf
  return isSpace || isFormat ? step(3, NOTHING) : step(1, first)
}
