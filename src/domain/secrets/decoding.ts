import { base64Digits, hexDigits, NO_DIGIT, rotatedBase64Digits } from './bytes-text.ts'
import { edgesOf, type View } from './views.ts'

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
  const { bytes } = view
  const codes = isThorough ? EVERY_WAY : FORWARDS
  const [byBase64, byHex] = [codes.filter(({ bits }) => bits === 6), codes.filter(({ bits }) => bits === 4)]
  const found: Found = {
    stretches: [],
    noted: [],
    digits: new Uint8Array(bytes.length),
    out: new Uint8Array(1024),
    size: 0,
  }
  for (const run of runsOf(bytes, { start: 0, end: bytes.length }, BASE64)) {
    for (const code of byBase64) collect(bytes, { run, code }, found)
    for (const hex of runsOf(bytes, run, HEX)) for (const code of byHex) collect(bytes, { run: hex, code }, found)
  }
  const { stretches, out, size } = found
  if (stretches.length === 0) return undefined
  const read = out.subarray(0, size)
  return { bytes: read, words: 'decoded', locate: locator(view, stretches), isEdge: edgesOf(read) }
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

/** The runs of digits in a part. Where the last that a run must hold is none, what stands before it is skipped unread. */
function runsOf(bytes: Uint8Array, part: Run, { digits, shortest }: Code): readonly Run[] {
  const runs: Run[] = []
  let start = part.start
  let at = start + shortest - 1
  while (at < part.end) {
    let noise = at
    while (noise >= start && digits[bytes[noise] ?? 0] !== NO_DIGIT) noise -= 1
    let end = at + 1
    if (noise < start) {
      while (end < part.end && digits[bytes[end] ?? 0] !== NO_DIGIT) end += 1
      runs.push({ start, end })
    }
    start = noise < start ? end + 1 : noise + 1
    at = start + shortest - 1
  }
  return runs
}

type Found = {
  readonly stretches: Stretch[]
  /** The stretches of the run in hand, and its digits. */
  readonly noted: Noted[]
  readonly digits: Uint8Array
  out: Uint8Array
  size: number
}

/** Takes the readable stretches of a run in all phases, in the order of the digits that end them. */
function collect(bytes: Uint8Array, reading: Reading, found: Found): void {
  const { run, code } = reading
  const { noted, digits } = found
  readDigits(bytes, reading, digits)
  noted.length = 0
  for (let phase = 0; phase < code.phases; phase += 1)
    noteReadable({ digits, length: run.end - run.start, bits: code.bits, phases: code.phases, phase }, noted)
  for (const { phase, first, length } of noted.sort((one, other) => one.ending - other.ending)) {
    found.stretches.push({ run, code, phase, first, length, at: found.size })
    write({ digits, bits: code.bits, phase }, { first, length }, found)
  }
}

/** The values of the digits of a run, in the order in which they are read. */
function readDigits(bytes: Uint8Array, { run: { start, end }, code }: Reading, out: Uint8Array): void {
  const { digits } = code
  if (code.isBackwards) for (let i = 1; i <= end - start; i += 1) out[i - 1] = digits[bytes[end - i] ?? 0] ?? 0
  else for (let i = start; i < end; i += 1) out[i - start] = digits[bytes[i] ?? 0] ?? 0
}

type Phase = { readonly digits: Uint8Array; readonly bits: number; readonly phase: number }
type Noted = Pick<Stretch, 'phase' | 'first' | 'length'> & { readonly ending: number }

/** Looks at the last byte that the next stretch must hold: where that is noise, all before it is skipped unread. */
function noteReadable(phased: Phased, noted: Noted[]): void {
  const { length, bits, phase } = phased
  const count = Math.floor(((length - phase) * bits) / 8)
  let first = 0
  let place = SHORTEST_STRETCH - 1
  while (place < count) {
    if (READABLE[byteAt(phased, place)] !== 1) {
      first = place + 1
      place += SHORTEST_STRETCH
    } else if (place > first) place -= 1
    else {
      let end = first + SHORTEST_STRETCH
      while (end < count && READABLE[byteAt(phased, end)] === 1) end += 1
      noted.push({ phase, first, length: end - first, ending: endingOf(phased, end < count ? end : null) })
      first = end + 1
      place = end + SHORTEST_STRETCH
    }
  }
}

type Phased = Phase & { readonly length: number; readonly phases: number }

/** A number that grows with the digit that completes the first byte behind a stretch; null is the end of the run. */
function endingOf({ length, bits, phases, phase }: Phased, behind: number | null): number {
  if (behind === null) return length * phases + phase
  const digit = phase - 1 + Math.ceil(((behind + 1) * 8) / bits)
  return digit * phases + ((digit - phase) & (phases - 1))
}

function write(phase: Phase, { first, length }: Pick<Stretch, 'first' | 'length'>, found: Found): void {
  const end = found.size + length
  if (end >= found.out.length) {
    const wider = new Uint8Array(2 * (end + 1))
    wider.set(found.out.subarray(0, found.size))
    found.out = wider
  }
  for (let i = 0; i < length; i += 1) found.out[found.size + i] = byteAt(phase, first + i)
  found.out[end] = APART
  found.size = end + 1
}

/** The byte with this number that the digits of a phase are read as. */
function byteAt({ digits, bits, phase }: Phase, place: number): number {
  const digit = bits === 4 ? 2 * place : place + ((place / 3) | 0)
  const pair = ((digits[phase + digit] ?? 0) << bits) | (digits[phase + digit + 1] ?? 0)
  return (pair >> (2 * bits - 8 - (8 * place - bits * digit))) & 0xff
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
