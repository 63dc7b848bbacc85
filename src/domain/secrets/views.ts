import { reverse, rotate } from './bytes-text.ts'

/** How words stand in a view: apart, behind decoded characters of no meaning, or run together. */
export type Words = 'apart' | 'decoded' | 'joined'

/** Bytes read in another way, and where a part of them stands in the bytes that all of it was made of. */
export type View = {
  readonly bytes: Uint8Array
  readonly words: Words
  readonly locate: (start: number, end: number) => readonly [number, number]
}

export function plainView(bytes: Uint8Array): View {
  return { bytes, words: 'apart', locate: (start, end) => [start, end] }
}

export function partOf({ bytes, words, locate }: View, part: { readonly start: number; readonly end: number }): View {
  return {
    bytes: bytes.subarray(part.start, part.end),
    words,
    locate: (start, end) => locate(start + part.start, end + part.start),
  }
}

export function reversedView({ bytes, words, locate }: View): View {
  const { length } = bytes
  return { bytes: reverse(bytes), words, locate: (start, end) => locate(length - end, length - start) }
}

export function rotatedView(view: View): View {
  return { ...view, bytes: rotate(view.bytes) }
}

/** What a walk gives where it gives no byte. */
export const NOTHING = 256

/**
 * A reader: `from` takes one step from a place and says how many bytes it takes and the byte that it gives, or NOTHING. It is
 * asked at the bytes that `stops` marks alone; every other stands for itself.
 */
export type Walk = { readonly stops: Uint8Array; readonly from: (bytes: Uint8Array, at: number) => number }

export function step(taken: number, given: number): number {
  return taken * 512 + given
}

/** A step over a byte that stands for itself, whichever it is. */
const ONE = step(1, 0)

/** What a walk over a view gives; undefined where it changes nothing. */
export function walkedView(view: View, walk: Walk, words: Words): View | undefined {
  const { bytes } = view
  const { stops, from } = walk
  const out = new Uint8Array(bytes.length)
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0
    if (stops[byte] === 0) {
      out[size++] = byte
      at += 1
      continue
    }
    const taken = from(bytes, at)
    if ((taken & 511) !== NOTHING) out[size++] = taken & 255
    at += taken >> 9
  }
  if (size === bytes.length) return undefined
  const places = placesOf(bytes, walk)
  const locate = (start: number, end: number) => view.locate(places(start).from, places(end - 1).to)
  return { bytes: out.subarray(0, size), words, locate }
}

type Place = { readonly from: number; readonly to: number }

/** Walks again to learn the places, but only over a view in which something was found. */
function placesOf(bytes: Uint8Array, walk: Walk): (index: number) => Place {
  let known: Uint32Array | undefined
  return (index) => {
    known ??= startsOf(bytes, walk)
    const from = known[index] ?? 0
    const taken = walk.stops[bytes[from] ?? 0] === 0 ? ONE : walk.from(bytes, from)
    return { from, to: from + (taken >> 9) }
  }
}

function startsOf(bytes: Uint8Array, walk: Walk): Uint32Array {
  const starts = new Uint32Array(bytes.length)
  const { stops, from } = walk
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const taken = stops[bytes[at] ?? 0] === 0 ? ONE : from(bytes, at)
    if ((taken & 511) !== NOTHING) starts[size++] = at
    at += taken >> 9
  }
  return starts
}
