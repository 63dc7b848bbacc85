/**
 * Canonical values: what may be hashed and signed. RFC 8785 (JSON Canonicalization Scheme) restricted to safe integers,
 * so that no reader can disagree about a number.
 */
export type Canonical = null | boolean | number | string | readonly Canonical[] | { readonly [key: string]: Canonical }

/** Thrown where a value that has no canonical form was about to be hashed: always a bug on our side. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical'
}

/** The one text of a value: keys in UTF-16 order, no spaces. Throws NotCanonical on anything outside `Canonical`. */
export function canonicalJson(value: unknown): string {
  return encode(value, '$', 0)
}

/** Reads canonical text; `undefined` when the bytes are not the canonical text of the value they mean. */
export function parseCanonical(text: string): Canonical | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isCanonical(value) && canonicalJson(value) === text ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof NotCanonical || error instanceof RangeError) return undefined
    throw error
  }
}

const MAX_DEPTH = 64

function encode(value: unknown, at: string, depth: number): string {
  if (depth > MAX_DEPTH) throw new NotCanonical(`${at}: nested deeper than ${MAX_DEPTH}`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return encodeNumber(value, at)
  if (typeof value === 'string') return encodeText(value, at)
  if (Array.isArray(value)) return `[${value.map((item, i) => encode(item, `${at}[${i}]`, depth + 1)).join(',')}]`
  if (!isPlainObject(value)) throw new NotCanonical(`${at}: ${typeof value} has no canonical form`)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${encodeText(key, at)}:${encode(value[key], `${at}.${key}`, depth + 1)}`)
  return `{${members.join(',')}}`
}

function encodeNumber(value: number, at: string): string {
  if (!Number.isSafeInteger(value)) throw new NotCanonical(`${at}: ${value} is not a safe integer`)
  return Object.is(value, -0) ? '0' : String(value)
}

function encodeText(value: string, at: string): string {
  if (!value.isWellFormed()) throw new NotCanonical(`${at}: text with a lone surrogate`)
  return JSON.stringify(value)
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
}

/** Whether a value lies wholly inside `Canonical`. */
export function isCanonical(value: unknown, depth = 0): value is Canonical {
  if (depth > MAX_DEPTH) return false
  if (value === null || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value === 'string') return value.isWellFormed()
  if (Array.isArray(value)) return value.every((item) => isCanonical(item, depth + 1))
  if (!isPlainObject(value)) return false
  return Object.keys(value).every((key) => key.isWellFormed() && isCanonical(value[key], depth + 1))
}
