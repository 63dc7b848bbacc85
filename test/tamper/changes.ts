/** What somebody made of evidence: what was done, and the bytes that came of it. */
export type Change = { readonly what: string; readonly bytes: Uint8Array }

export type Positions = { readonly from: number; readonly step: number }

/** The bits that a byte is changed by; by turns, so that one pass tries every kind of other value. */
const MASKS = [1, 2, 4, 8, 16, 32, 64, 128, 255, 3] as const

/** One byte changed at each position to one other value. The same array is given each time, changed at one place. */
export function* bytesChanged(original: Uint8Array, positions: Positions): Generator<Change> {
  yield* masked(original, positions, (at) => [MASKS[at % MASKS.length] ?? 1])
}

/** Each bit of each byte turned. */
export function* bitsTurned(original: Uint8Array, positions: Positions): Generator<Change> {
  yield* masked(original, positions, () => MASKS.slice(0, 8))
}

function* masked(
  original: Uint8Array,
  { from, step }: Positions,
  masksAt: (at: number) => readonly number[],
): Generator<Change> {
  const bytes = original.slice()
  for (let at = from; at < bytes.length; at += step) {
    const byte = bytes[at] ?? 0
    for (const mask of masksAt(at)) {
      bytes[at] = byte ^ mask
      yield { what: `byte ${at} is ${byte ^ mask} and not ${byte}`, bytes }
    }
    bytes[at] = byte
  }
}

/** A byte left out, one put in, and the rest cut off, at each position. */
export function* bytesMoved(original: Uint8Array, { from, step }: Positions): Generator<Change> {
  for (let at = from; at < original.length; at += step) {
    const [before, after] = [original.subarray(0, at), original.subarray(at + 1)]
    const byte = original[at] ?? 0
    yield { what: `byte ${at} is left out`, bytes: Buffer.concat([before, after]) }
    yield { what: `byte ${at} is there twice`, bytes: Buffer.concat([before, Uint8Array.of(byte, byte), after]) }
    yield { what: `everything from byte ${at} on is cut off`, bytes: before }
  }
}
