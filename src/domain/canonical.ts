import { z } from 'zod'

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
  const text = write(value, 0)
  if (text === undefined) throw new NotCanonical(whyNot(value, '$', 0))
  return text
}

/** Reads canonical text; `undefined` when the bytes are not the canonical text of the value they mean. */
export function parseCanonical(text: string): Canonical | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isWrittenAs(value, text) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

function isWrittenAs(value: unknown, text: string): value is Canonical {
  return write(value, 0) === text
}

/** Whether a value lies wholly inside `Canonical`. */
export function isCanonical(value: unknown): value is Canonical {
  return write(value, 0) !== undefined
}

const MAX_DEPTH = 64

/** A member of a record that may be any canonical value. It is given on as it is: what is recorded never changes. */
export const Json = z.custom<z.core.util.JSONType>(isCanonical, 'no canonical JSON')

/** The canonical text, or undefined where there is none: one pass both checks and writes. */
function write(value: unknown, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return undefined
  if (typeof value === 'string') return writeText(value)
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return writeItems(value, depth)
  return isPlainObject(value) ? writeMembers(value, depth) : undefined
}

/** Nothing in such a text is escaped. A longer one is written faster by `JSON.stringify`. */
const UNESCAPED = /^[ !#-[\]-~]{0,80}$/

function writeText(text: string): string | undefined {
  if (UNESCAPED.test(text)) return `"${text}"`
  return text.isWellFormed() ? JSON.stringify(text) : undefined
}

function writeItems(items: readonly unknown[], depth: number): string | undefined {
  let text = ''
  let before = '['
  for (const item of items) {
    const written = write(item, depth + 1)
    if (written === undefined) return undefined
    text += before + written
    before = ','
  }
  return text === '' ? '[]' : `${text}]`
}

function writeMembers(members: Readonly<Record<string, unknown>>, depth: number): string | undefined {
  let text = ''
  let before = '{'
  for (const key of Object.keys(members).sort()) {
    const [name, written] = [writeName(key), write(members[key], depth + 1)]
    if (name === undefined || written === undefined) return undefined
    text += before + name + written
    before = ','
  }
  return text === '' ? '{}' : `${text}}`
}

// The same few names stand before nearly all members.
const names = new Map<string, string>()
const MOST_NAMES = 1000

function writeName(key: string): string | undefined {
  const known = names.get(key)
  if (known !== undefined) return known
  const text = writeText(key)
  if (text === undefined) return undefined
  const name = `${text}:`
  if (names.size < MOST_NAMES) names.set(key, name)
  return name
}

/** Whether two canonical values have the same text, without writing it. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => isSame(item, other[at]))
  if (Array.isArray(one) || Array.isArray(other) || !isPlainObject(one) || !isPlainObject(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  )
}

/** The first thing in a value that keeps it from having a canonical form, and where. */
function whyNot(value: unknown, at: string, depth: number): string {
  if (depth > MAX_DEPTH) return `${at}: nested deeper than ${MAX_DEPTH}`
  if (typeof value === 'number') return `${at}: ${value} is not a safe integer`
  if (typeof value === 'string') return `${at}: text with a lone surrogate`
  if (!Array.isArray(value) && !isPlainObject(value)) return `${at}: ${typeof value} has no canonical form`
  const members: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? Array.from(value, (item, i) => [`${at}[${i}]`, item] as const)
    : Object.entries(value).map(([key, member]) => [`${at}.${key}`, member] as const)
  const [place, member] = members.find(([, one]) => write(one, depth + 1) === undefined) ?? []
  return place === undefined ? `${at}: text with a lone surrogate` : whyNot(member, place, depth + 1)
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
}
