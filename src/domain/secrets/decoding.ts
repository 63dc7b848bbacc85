import { base64Digits, hexDigits, NO_DIGIT, rotatedBase64Digits } from './bytes-text.ts'
import type { View } from './views.ts'

/** A way in which bytes are written in digits: the bits of a digit, and after how many digits a byte begins with one again. */
type Code = {
  readonly digits: Uint8Array
  readonly bits: number
  readonly phases: 2 | 4
  /** Shorter runs of digits cannot hold a secret. */
  readonly shortest: number
  readonly isBackwards: boolean
}

const BASE64: Code = { digits: base64Digits, bits: 6, phases: 4, shortest: 11, isBackwards: false }
const HEX: Code = { digits: hexDigits, bits: 4, phases: 2, shortest: 16, isBackwards: false }

const FORWARDS: readonly Code[] = [BASE64, HEX]
const EVERY_WAY: readonly Code[] = [
  ...FORWARDS,
  { ...BASE64, isBackwards: true },
  { ...HEX, isBackwards: true },
  { ...BASE64, digits: rotatedBase64Digits },
]

/** What is no text is no secret: most ways to decode a run give noise, and only readable stretches are kept. */
const SHORTEST_STRETCH = 8

/** Stands between two stretches and is part of no secret. */
const APART = 0xff

/** Printable ASCII, white space, NUL of wide text, and the bytes of characters without width. */
const READABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isPlain = (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d) || byte === 0
  const isUnseen = [0xe2, 0x80, 0x81, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0xa0, 0xef, 0xbb, 0xbf, 0xc2, 0xad].includes(byte)
  return isPlain || isUnseen ? 1 : 0
})

/**
 * What stands in base64 or hex, with either end first or rotated where `isThorough`. Each run of digits is read from each
 * of its first digits on, because what was encoded may stand behind other characters that look like digits.
 */
export function decodedView(view: View, { isThorough }: { readonly isThorough: boolean }): View | undefined {
  const found = { stretches: new Array<Stretch>(), size: 0 }
  const codes = isThorough ? EVERY_WAY : FORWARDS
  const [byBase64, byHex] = [codes.filter(({ bits }) => bits === 6), codes.filter(({ bits }) => bits === 4)]
  for (const run of runsOf(view.bytes, base64Digits, BASE64.shortest)) {
    for (const code of byBase64) collect(view.bytes, { run, code }, found)
    for (const hex of hexRunsIn(view.bytes, run))
      for (const code of byHex) collect(view.bytes, { run: hex, code }, found)
  }
  if (found.stretches.length === 0) return undefined
  const bytes = new Uint8Array(found.size).fill(APART)
  for (const stretch of found.stretches) write(view.bytes, stretch, bytes)
  return { bytes, words: 'decoded', locate: locator(view, found.stretches) }
}

type Run = { readonly start: number; readonly end: number }
type Reading = { readonly run: Run; readonly code: Code }

/** Readable bytes of one reading: from its byte `first` in the phase, `length` of them, at `at` in the decoded view. */
type Stretch = Reading & {
  readonly phase: number
  readonly first: number
  readonly length: number
  readonly at: number
}

function runsOf(bytes: Uint8Array, digits: Uint8Array, shortest: number): readonly Run[] {
  const runs: Run[] = []
  let start = 0
  for (let at = 0; at < bytes.length; at += 1) {
    if (digits[bytes[at] ?? 0] !== NO_DIGIT) continue
    if (at - start >= shortest) runs.push({ start, end: at })
    start = at + 1
  }
  if (bytes.length - start >= shortest) runs.push({ start, end: bytes.length })
  return runs
}

function hexRunsIn(bytes: Uint8Array, { start, end }: Run): readonly Run[] {
  if (end - start < HEX.shortest) return []
  const runs = runsOf(bytes.subarray(start, end), hexDigits, HEX.shortest)
  return runs.map((run) => ({ start: run.start + start, end: run.end + start }))
}

type Found = { readonly stretches: Stretch[]; size: number }

/** Reads a run in all phases at once and notes the readable stretches. */
function collect(bytes: Uint8Array, reading: Reading, found: Found): void {
  const { bits, phases } = reading.code
  const length = reading.run.end - reading.run.start
  const digitAt = digitsOf(bytes, reading)
  const readable = new Int32Array(phases)
  let buffer = 0
  for (let i = 0; i < length; i += 1) {
    buffer = ((buffer << bits) | digitAt(i)) & 0xffffff
    for (let digit = 1; digit < phases && digit <= i; digit += 1) {
      const phase = (i - digit) & (phases - 1)
      const many = readable[phase] ?? 0
      const isReadable = READABLE[(buffer >> ((phases - 1 - digit) * 2)) & 0xff] === 1
      if (!isReadable) note(found, reading, { phase, many, end: bytesAt(i, phase, bits) - 1 })
      readable[phase] = isReadable ? many + 1 : 0
    }
  }
  for (const [phase, many] of readable.entries())
    note(found, reading, { phase, many, end: bytesAt(length - 1, phase, bits) })
}

function digitsOf(bytes: Uint8Array, { run, code }: Reading): (i: number) => number {
  const { digits } = code
  if (code.isBackwards) return (i) => digits[bytes[run.end - 1 - i] ?? 0] ?? 0
  return (i) => digits[bytes[run.start + i] ?? 0] ?? 0
}

/** How many bytes of a phase are complete with digit `i`. */
function bytesAt(i: number, phase: number, bits: number): number {
  return Math.floor(((i - phase + 1) * bits) / 8)
}

type Noted = { readonly phase: number; readonly many: number; readonly end: number }

function note(found: Found, { run, code }: Reading, { phase, many, end }: Noted): void {
  if (many < SHORTEST_STRETCH) return
  found.stretches.push({ run, code, phase, first: end - many, length: many, at: found.size })
  found.size += many + 1
}

function write(bytes: Uint8Array, stretch: Stretch, out: Uint8Array): void {
  const { code, first, length, at } = stretch
  const { digits, bits } = code
  for (let i = 0; i < length; i += 1) {
    const bit = (first + i) * 8
    const high = digits[bytes[placeOf(stretch, Math.floor(bit / bits))] ?? 0] ?? 0
    const low = digits[bytes[placeOf(stretch, Math.floor(bit / bits) + 1)] ?? 0] ?? 0
    out[at + i] = (((high << bits) | low) >> (2 * bits - 8 - (bit % bits))) & 0xff
  }
}

/** Where the digit with this number, counted from the first of the phase, stands. */
function placeOf({ run, code, phase }: Stretch, digit: number): number {
  return code.isBackwards ? run.end - 1 - phase - digit : run.start + phase + digit
}

function locator(view: View, stretches: readonly Stretch[]): View['locate'] {
  return (start, end) => {
    const stretch = stretches.findLast(({ at }) => at <= start)
    if (stretch === undefined) return view.locate(0, view.bytes.length)
    const { at, first, code } = stretch
    const one = placeOf(stretch, Math.floor(((start - at + first) * 8) / code.bits))
    const other = placeOf(stretch, Math.floor(((end - 1 - at + first) * 8 + 7) / code.bits))
    return view.locate(Math.min(one, other), Math.max(one, other) + 1)
  }
}
