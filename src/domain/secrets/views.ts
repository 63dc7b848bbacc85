import { reverse, rotate } from './bytes-text.ts'

/** How words stand in a view: apart, behind decoded characters of no meaning, or run together. */
export type Words = 'apart' | 'decoded' | 'joined'

/** Bytes read in another way, and where a part of them stands in the bytes that all of it was made of. */
export type View = {
  readonly bytes: Uint8Array
  readonly words: Words
  readonly locate: (start: number, end: number) => readonly [number, number]
  /** Whether nothing that words are made of stood right before this place in what the view was read from. */
  readonly isEdge: (at: number) => boolean
}

export function plainView(bytes: Uint8Array): View {
  return { bytes, words: 'apart', locate: (start, end) => [start, end], isEdge: edgesOf(bytes) }
}

export function partOf(
  { bytes, words, locate, isEdge }: View,
  part: { readonly start: number; readonly end: number },
): View {
  return {
    bytes: bytes.subarray(part.start, part.end),
    words,
    locate: (start, end) => locate(start + part.start, end + part.start),
    isEdge: (at) => isEdge(at + part.start),
  }
}

export function reversedView({ bytes, words, locate, isEdge }: View): View {
  const { length } = bytes
  const turned = reverse(bytes)
  const isApart = edgesOf(turned)
  return {
    bytes: turned,
    words,
    locate: (start, end) => locate(length - end, length - start),
    // What is before a place here came behind it there: the next byte, or something that the view left out.
    isEdge: (at) => isApart(at) || isEdge(length - at),
  }
}

/** Where no letter, digit, `_` or `-` stands before. */
export function edgesOf(bytes: Uint8Array): View['isEdge'] {
  return (at) => at === 0 || !/[A-Za-z0-9_-]/.test(String.fromCharCode(bytes[at - 1] ?? 0))
}

export function rotatedView(view: View): View {
  return { ...view, bytes: rotate(view.bytes) }
}

/** What a walk gives where it gives no byte. */
export const NOTHING = 256

/**
 * A reader: `from` takes one step from a place and says how many bytes it takes and the byte that it gives, or NOTHING. It is
 * asked at the bytes that `stops` marks with ASK alone; what is marked with KEEP stands for itself, and with DROP for nothing.
 */
export type Walk = { readonly stops: Uint8Array; readonly from: (bytes: Uint8Array, at: number) => number }

/** How many bytes of the view a byte is, where that can be told from it alone. */
export const [DROP, KEEP, ASK] = [0, 1, 2] as const

export function step(taken: number, given: number): number {
  return taken * 512 + given
}

/** What a walk over a view gives; undefined where it changes nothing. */
export function walkedView(view: View, walk: Walk, words: Words): View | undefined {
  const { bytes } = view
  const out = new Uint8Array(bytes.length)
  const size = writeWalk(bytes, walk, out)
  if (size === bytes.length) return undefined
  const places = placesOf(bytes, walk)
  const locate = (start: number, end: number) => view.locate(places(start).from, places(end - 1).to)
  const isEdge = (at: number) => view.isEdge(places(at).from)
  return { bytes: out.subarray(0, size), words, locate, isEdge }
}

function writeWalk(bytes: Uint8Array, { stops, from }: Walk, out: Uint8Array): number {
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0
    const stop = stops[byte] ?? KEEP
    if (stop === ASK) {
      const taken = from(bytes, at)
      if ((taken & 511) !== NOTHING) out[size++] = taken & 255
      at += taken >> 9
    } else {
      out[size] = byte
      size += stop
      at += 1
    }
  }
  return size
}

type Place = { readonly from: number; readonly to: number }

/** Walks again to learn the places, but only over a view in which something was found. */
function placesOf(bytes: Uint8Array, walk: Walk): (index: number) => Place {
  let known: Uint32Array | undefined
  return (index) => {
    known ??= startsOf(bytes, walk)
    const from = known[index] ?? 0
    return { from, to: from + (stepAt(bytes, walk, from) >> 9) }
  }
}

function startsOf(bytes: Uint8Array, walk: Walk): Uint32Array {
  const starts = new Uint32Array(bytes.length)
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const taken = stepAt(bytes, walk, at)
    if ((taken & 511) !== NOTHING) starts[size++] = at
    at += taken >> 9
  }
  return starts
}

function stepAt(bytes: Uint8Array, { stops, from }: Walk, at: number): number {
  const stop = stops[bytes[at] ?? 0]
  if (stop === ASK) return from(bytes, at)
  return step(1, stop === DROP ? NOTHING : 0)
}
