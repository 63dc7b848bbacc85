import { ASK, DROP, KEEP, NOTHING, step, type View, type Walk, walkedView } from './views.ts'

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

const join: Walk = {
  stops: KINDS.map((kind) => (kind === KEPT ? KEEP : kind === DROPPED ? DROP : ASK)),
  from(bytes, at) {
    const byte = bytes[at] ?? 0
    if (KINDS[byte] === WIDE) return joinWide(bytes, at)
    return isBetween(bytes, at) ? step(1, NOTHING) : step(1, byte)
  },
}

/** A sign of concatenation has nothing but what is dropped on both of its sides. */
function isBetween(bytes: Uint8Array, at: number): boolean {
  return KINDS[bytes[at - 1] ?? 0x20] === DROPPED && KINDS[bytes[at + 1] ?? 0x20] === DROPPED
}

/** A character that takes no room, or the first byte of any other. */
function joinWide(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3)
  if (first === 0xc2) return second === 0xad || second === 0xa0 ? step(2, NOTHING) : step(1, first)
  return UNSEEN.has((first << 16) | (second << 8) | third) ? step(3, NOTHING) : step(1, first)
}

const utf8 = new TextEncoder()

/** The bytes of U+2000 to U+200F, U+2028 to U+202E, U+2060 to U+206F and U+FEFF. */
const UNSEEN: ReadonlySet<number> = new Set(
  [...span(0x2000, 0x200f), ...span(0x2028, 0x202e), ...span(0x2060, 0x206f), 0xfeff].map((point) => {
    const [first = 0, second = 0, third = 0] = utf8.encode(String.fromCodePoint(point))
    return (first << 16) | (second << 8) | third
  }),
)

function span(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
