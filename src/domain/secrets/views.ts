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

export function reversedView({ bytes, words, locate }: View): View {
  const { length } = bytes
  return { bytes: reverse(bytes), words, locate: (start, end) => locate(length - end, length - start) }
}

export function rotatedView(view: View): View {
  return { ...view, bytes: rotate(view.bytes) }
}

/** What a walk gives where it gives no byte. */
export const NOTHING = 256

/** One step of a reader from a place: how many bytes it takes, and the byte that it gives, or NOTHING. */
export type Walk = (bytes: Uint8Array, at: number) => number

export function step(taken: number, given: number): number {
  return taken * 512 + given
}

/** What a walk over a view gives; undefined where it changes nothing. */
export function walkedView(view: View, walk: Walk, words: Words): View | undefined {
  const { bytes } = view
  const out = new Uint8Array(bytes.length)
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const taken = walk(bytes, at)
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
    return { from, to: from + (walk(bytes, from) >> 9) }
  }
}

function startsOf(bytes: Uint8Array, walk: Walk): Uint32Array {
  const starts = new Uint32Array(bytes.length)
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const taken = walk(bytes, at)
    if ((taken & 511) !== NOTHING) starts[size++] = at
    at += taken >> 9
  }
  return starts
}
