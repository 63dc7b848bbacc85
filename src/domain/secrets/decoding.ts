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

/** Notes the readable stretches of a run in all phases, in the order of the digits that end them. */
function collect(bytes: Uint8Array, reading: Reading, found: Found): void {
  const noted: Noted[] = []
  for (let phase = 0; phase < reading.code.phases; phase += 1) noteReadable(bytes, { ...reading, phase }, noted)
  if (noted.length === 0) return
  for (const { phase, first, length } of noted.toSorted((one, other) => one.ending - other.ending)) {
    found.stretches.push({ ...reading, phase, first, length, at: found.size })
    found.size += length + 1
  }
}

type Phased = Reading & { readonly phase: number }
type Noted = Pick<Stretch, 'phase' | 'first' | 'length'> & { readonly ending: number }

/** Looks at the last byte that the next stretch must hold: where that is noise, all before it is skipped unread. */
function noteReadable(bytes: Uint8Array, reading: Phased, noted: Noted[]): void {
  const { phase, run, code } = reading
  const count = Math.floor(((run.end - run.start - phase) * code.bits) / 8)
  let first = 0
  let place = SHORTEST_STRETCH - 1
  while (place < count) {
    if (READABLE[byteAt(bytes, reading, place)] !== 1) {
      first = place + 1
      place += SHORTEST_STRETCH
    } else if (place > first) place -= 1
    else {
      let end = first + SHORTEST_STRETCH
      while (end < count && READABLE[byteAt(bytes, reading, end)] === 1) end += 1
      noted.push({ phase, first, length: end - first, ending: endingOf(reading, end < count ? end : null) })
      first = end + 1
      place = end + SHORTEST_STRETCH
    }
  }
}

/** A number that grows with the digit that completes the first byte behind a stretch; null is the end of the run. */
function endingOf({ run, code: { bits, phases }, phase }: Phased, behind: number | null): number {
  if (behind === null) return (run.end - run.start) * phases + phase
  const digit = phase - 1 + Math.ceil(((behind + 1) * 8) / bits)
  return digit * phases + ((digit - phase) & (phases - 1))
}

function write(bytes: Uint8Array, stretch: Stretch, out: Uint8Array): void {
  for (let i = 0; i < stretch.length; i += 1) out[stretch.at + i] = byteAt(bytes, stretch, stretch.first + i)
}

/** The byte with this number that the digits of a phase are read as. */
function byteAt(bytes: Uint8Array, reading: Phased, place: number): number {
  const { digits, bits } = reading.code
  const bit = place * 8
  const digit = Math.trunc(bit / bits)
  const high = digits[bytes[placeOf(reading, digit)] ?? 0] ?? 0
  const low = digits[bytes[placeOf(reading, digit + 1)] ?? 0] ?? 0
  return (((high << bits) | low) >> (2 * bits - 8 - (bit - digit * bits))) & 0xff
}

/** Where the digit with this number, counted from the first of the phase, stands. */
function placeOf({ run, code, phase }: Phased, digit: number): number {
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
