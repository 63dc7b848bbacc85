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
  const form = formOf(value, 0)
  if (form === 'none') throw new NotCanonical(whyNot(value, '$', 0))
  return form === 'ordered' ? JSON.stringify(value) : encode(value)
}

/** Reads canonical text; `undefined` when the bytes are not the canonical text of the value they mean. */
export function parseCanonical(text: string): Canonical | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isCanonical(value) && canonicalJson(value) === text ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

/** Whether a value lies wholly inside `Canonical`. */
export function isCanonical(value: unknown): value is Canonical {
  return formOf(value, 0) !== 'none'
}

const MAX_DEPTH = 64

/**
 * `ordered`: every object lists its keys in UTF-16 order already, so that `JSON.stringify` writes the canonical text. It is
 * several times as fast as writing member by member, and what was parsed from canonical text is ordered.
 */
type Form = 'ordered' | 'unordered' | 'none'

function formOf(value: unknown, depth: number): Form {
  if (depth > MAX_DEPTH) return 'none'
  if (value === null || typeof value === 'boolean') return 'ordered'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'ordered' : 'none'
  if (typeof value === 'string') return value.isWellFormed() ? 'ordered' : 'none'
  if (Array.isArray(value)) return formOfItems(value, depth)
  return isPlainObject(value) ? formOfMembers(value, depth) : 'none'
}

function formOfItems(items: readonly unknown[], depth: number): Form {
  let form: Form = 'ordered'
  for (const item of items) {
    const inner = formOf(item, depth + 1)
    if (inner === 'none') return 'none'
    if (inner === 'unordered') form = 'unordered'
  }
  return form
}

function formOfMembers(members: Readonly<Record<string, unknown>>, depth: number): Form {
  let form: Form = 'ordered'
  let before = ''
  for (const key of Object.keys(members)) {
    if (!key.isWellFormed()) return 'none'
    const inner = formOf(members[key], depth + 1)
    if (inner === 'none') return 'none'
    if (inner === 'unordered' || key < before) form = 'unordered'
    before = key
  }
  return form
}

function encode(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`
  if (!isPlainObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${encode(value[key])}`)
  return `{${members.join(',')}}`
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
  const [place, member] = members.find(([, one]) => formOf(one, depth + 1) === 'none') ?? []
  return place === undefined ? `${at}: text with a lone surrogate` : whyNot(member, place, depth + 1)
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
}
