import { toUtf8 } from '../patch/bytes.ts'
import { reverse, rotate } from './bytes-text.ts'
import { type SecretFormat, secretFormats } from './formats.ts'

/** A secret that this process knows; `kind` is the name under which it was given. */
export type KnownSecret = { readonly kind: string; readonly value: string }

/** The bytes of a known secret as they may stand somewhere; `least` bytes of it in a row are told from anything else. */
export type ValueForm = { readonly kind: string; readonly bytes: Uint8Array; readonly least: number }

/** Ways in which a whole text is turned round. */
export type Mirrored = 'reversed' | 'rotated'

/** What it means that four certain bytes stand in a row. */
export type Clue =
  | { readonly is: 'format'; readonly format: SecretFormat; readonly anchor: Uint8Array }
  | { readonly is: 'mirrored'; readonly how: Mirrored; readonly format: SecretFormat; readonly anchor: Uint8Array }
  | { readonly is: 'value'; readonly form: number; readonly offset: number }

/** Everything that is looked for, by the four bytes that give it away. */
export type Needles = {
  readonly sieve: Uint32Array
  readonly clues: ReadonlyMap<number, readonly Clue[]>
  readonly forms: readonly ValueForm[]
}

const MOST_CLUES = 12

/** Puts the known formats and values in the form in which they are searched for. */
export function toNeedles(known: readonly KnownSecret[]): Needles {
  const forms = known.flatMap(formsOf)
  const clues = new Map<number, Clue[]>()
  const add = (gram: number, clue: Clue) => {
    const there = clues.get(gram)
    if (there === undefined) clues.set(gram, [clue])
    else if (clue.is !== 'value' || there.length < MOST_CLUES) there.push(clue)
  }
  for (const [gram, clue] of formatClues()) add(gram, clue)
  for (const [form, { bytes }] of forms.entries())
    for (let offset = 0; offset + 4 <= bytes.length; offset += 1)
      add(gramAt(bytes, offset), { is: 'value', form, offset })
  const sieve = new Uint32Array(1 << 15)
  for (const gram of clues.keys()) {
    const place = sievePlace(gram)
    sieve[place >> 5] = (sieve[place >> 5] ?? 0) | (1 << (place & 31))
  }
  return { sieve, clues, forms }
}

/** Where the sieve says whether four bytes are worth a look. */
function sievePlace(gram: number): number {
  return Math.imul(gram, SPREAD) >>> 12
}

const SPREAD = 0x9e3779b1

/** The next place from which four bytes stand that are worth a look; -1 where there is none. Every byte goes through here. */
export function nextSifted(bytes: Uint8Array, sieve: Uint32Array, from: number): number {
  let gram = gramAt(bytes, from - 1) | 0
  for (let end = from + 3; end < bytes.length; end += 1) {
    gram = (gram << 8) | (bytes[end] ?? 0)
    const place = Math.imul(gram, SPREAD) >>> 12
    if (((sieve[place >> 5] ?? 0) & (1 << (place & 31))) !== 0) return end - 3
  }
  return -1
}

export function gramAt(bytes: Uint8Array, at: number): number {
  let gram = 0
  for (let i = at; i < at + 4; i += 1) gram = (gram << 8) | (bytes[i] ?? 0)
  return gram >>> 0
}

function formatClues(): readonly (readonly [number, Clue])[] {
  return secretFormats.flatMap((format) =>
    format.anchors.flatMap((anchor): readonly (readonly [number, Clue])[] => {
      const bytes = toUtf8(anchor)
      const [reversed, rotated] = [reverse(bytes), rotate(bytes)]
      return [
        [gramAt(bytes, 0), { is: 'format', format, anchor: bytes }],
        [gramAt(reversed, 0), { is: 'mirrored', how: 'reversed', format, anchor: reversed }],
        [gramAt(rotated, 0), { is: 'mirrored', how: 'rotated', format, anchor: rotated }],
      ]
    }),
  )
}

/** As it is, as it reads without the white space in it, and what it stands for where it is itself encoded. */
function formsOf({ kind, value }: KnownSecret): readonly ValueForm[] {
  const whole = value.trim()
  const pem = /-----BEGIN[^-]{0,60}-----(.*?)(?:-----END|$)/s.exec(whole)?.[1]
  const core = (pem ?? whole).replaceAll(/\\[nr]|[\s"'`\\,]/g, '')
  const open = core.slice(pem === undefined ? openingOf(core) : PEM_HEADER)
  const texts = pem === undefined ? [whole.slice(openingOf(whole)), open] : [open]
  const distinct = [...new Set(texts)].filter((text) => text.length >= LEAST_VALUE)
  return distinct.flatMap((text) => {
    const bytes = toUtf8(text)
    const least = leastOf(bytes.length)
    return [bytes, reverse(bytes), rotate(bytes)].map((form) => ({ kind, bytes: form, least }))
  })
}

/** Shorter values are words that stand everywhere. */
export const LEAST_VALUE = 8

/** Every key of a kind begins with the same lines. */
const PEM_HEADER = 48

/** All JSON web tokens begin alike: what is theirs alone comes behind the first dot. */
function openingOf(value: string): number {
  const begins = value.search(/(?:^|_)eyJ/)
  return begins < 0 || begins > 24 ? 0 : Math.max(0, value.indexOf('.', begins))
}

/** A part of a secret counts when it is half of it, or long enough to be found nowhere else. */
function leastOf(length: number): number {
  return Math.min(length, Math.max(12, Math.min(Math.ceil(length / 2), 24)))
}
