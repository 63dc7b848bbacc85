import type { z } from 'zod'
import { type Canonical, canonicalJson, parseCanonical } from '../canonical.ts'
import { type Sha256, sha256Hex } from '../hash.ts'
import { concatBytes, fromHex, toHex, toUtf8 } from '../patch/bytes.ts'

/**
 * Read access to the blobs that a stream names. A blob is a document (canonical JSON), or people's words (32 random bytes,
 * then canonical JSON, so that nobody can guess a short text from its hash), or a document that may quote them (32 bytes
 * that follow from those, then canonical JSON), or raw bytes.
 */
export type Documents = (sha256: Sha256) => Uint8Array | undefined

/** The recorded inputs name something that is not there or is not what it must be: nothing can be decided from it. */
export class BrokenRecord extends Error {
  override readonly name = 'BrokenRecord'
}

export const SALT_BYTES = 32

/** A document or words about to be stored, with the name it will have. */
export type NewBlob = { readonly sha256: Sha256; readonly bytes: Uint8Array }

export function toDocument(value: unknown): NewBlob {
  const bytes = toUtf8(canonicalJson(value))
  return { sha256: sha256Hex(bytes), bytes }
}

/** People's words; `salt` is 32 random bytes drawn by the shell. */
export function toWords(value: unknown, salt: Uint8Array): NewBlob {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes, not ${salt.length}`)
  return named(concatBytes([salt, toUtf8(canonicalJson(value))]))
}

/**
 * What the salts of a run's documents follow from: the salt of people's words, which is gone when these are erased. Null
 * where such documents are named by the hash of their text alone, as earlier releases did.
 */
export type Secret = Uint8Array | null

/** A document that may quote people: the same again from the same secret, and not to be guessed without it. */
export function toQuoting(value: unknown, secret: Secret): NewBlob {
  return toSalted(toUtf8(canonicalJson(value)), secret)
}

/** The same of bytes that are no document of ours. */
export function toSalted(bytes: Uint8Array, secret: Secret): NewBlob {
  return named(secret === null ? bytes : concatBytes([fromHex(saltFor(bytes, secret)), bytes]))
}

/** The salt of some bytes, as hex: no two documents share one, so that none of them tells that of another. */
export function saltFor(bytes: Uint8Array, secret: Uint8Array): string {
  return sha256Hex(`agentos-salt ${toHex(secret)} ${sha256Hex(bytes)}`)
}

function named(bytes: Uint8Array): NewBlob {
  return { sha256: sha256Hex(bytes), bytes }
}

/** Reads a document by its hash. Throws BrokenRecord when it is absent, altered, not canonical or of another shape. */
export function readDocument<T>(documents: Documents, sha256: Sha256, schema: z.ZodType<T>): T {
  const bytes = bytesOf(documents, sha256)
  return readOnce(bytes, { as: 'document', schema }, () => parsed(valueOf(bytes), sha256, schema))
}

export function readWords<T>(documents: Documents, sha256: Sha256, schema: z.ZodType<T>): T {
  const bytes = bytesOf(documents, sha256)
  return readOnce(bytes, { as: 'words', schema }, () => parsed(plainValue(bytes.subarray(SALT_BYTES)), sha256, schema))
}

/** The salt that people's words begin with. */
export function saltOf(documents: Documents, sha256: Sha256): Uint8Array {
  return bytesOf(documents, sha256).subarray(0, SALT_BYTES)
}

/** Where the text of a document begins: behind its salt, where it has one. Undefined where the bytes are no document. */
export function textStart(bytes: Uint8Array): number | undefined {
  const { value, start } = textIn(bytes)
  return value === undefined ? undefined : start
}

export function isSalted(documents: Documents, sha256: Sha256): boolean {
  const bytes = documents(sha256)
  return bytes !== undefined && textStart(bytes) === SALT_BYTES
}

/** The name that a value has as a document under the salt, or without one, that the document of this name has. */
export function nameUnder(documents: Documents, sha256: Sha256, value: unknown): Sha256 {
  const bytes = bytesOf(documents, sha256)
  return sha256Hex(concatBytes([bytes.subarray(0, textStart(bytes)), toUtf8(canonicalJson(value))]))
}

export function documentsOf(blobs: readonly NewBlob[], otherwise: Documents = () => undefined): Documents {
  const known = new Map(blobs.map((blob) => [blob.sha256, blob.bytes]))
  return (sha256) => known.get(sha256) ?? otherwise(sha256)
}

/** What a blob says as canonical JSON; undefined where it is not there or is no document. */
export function documentAt(documents: Documents, sha256: Sha256): Canonical | undefined {
  const bytes = documents(sha256)
  return bytes === undefined ? undefined : valueOf(bytes)
}

/** The bytes behind a hash. Throws BrokenRecord when they are absent or altered. */
export function bytesOf(documents: Documents, sha256: Sha256): Uint8Array {
  const bytes = documents(sha256)
  if (bytes === undefined) throw new BrokenRecord(`blob ${sha256} is not there`)
  const hash = hashed.get(bytes) ?? sha256Hex(bytes)
  if (hash !== sha256) throw new BrokenRecord(`blob ${sha256} holds other bytes`)
  hashed.set(bytes, hash)
  return bytes
}

type Reading<T> = { readonly as: string; readonly schema: z.ZodType<T> }

// A blob never changes, so its bytes are hashed once and read once for each schema: nearly every decision asks for the policy.
const hashed = new WeakMap<Uint8Array, Sha256>()
const readings = new WeakMap<Uint8Array, Map<string, WeakMap<z.ZodType, { readonly value: unknown }>>>()

/** What the bytes of a blob mean when they are read `as` something by a schema; `read` is asked for it once. */
export function readOnce<T>(bytes: Uint8Array, reading: Reading<T>, read: () => T): T
export function readOnce(bytes: Uint8Array, { as, schema }: Reading<unknown>, read: () => unknown): unknown {
  const all = readings.get(bytes) ?? new Map()
  const known = all.get(as) ?? new WeakMap()
  const before = known.get(schema)
  if (before !== undefined) return before.value
  const value = read()
  readings.set(bytes, all.set(as, known.set(schema, { value })))
  return value
}

function parsed<T>(value: Canonical | undefined, sha256: Sha256, schema: z.ZodType<T>): T {
  if (value === undefined) throw new BrokenRecord(`blob ${sha256} is not canonical JSON`)
  const read = schema.safeParse(value)
  if (!read.success) throw new BrokenRecord(`blob ${sha256}: ${read.error.issues[0]?.message ?? 'wrong shape'}`)
  return read.data
}

type Text = { readonly value: Canonical | undefined; readonly start: number }

const texts = new WeakMap<Uint8Array, Text>()

function valueOf(bytes: Uint8Array): Canonical | undefined {
  return textIn(bytes).value
}

/** What the bytes say, and where that begins: a blob never changes, so its text is parsed once. */
function textIn(bytes: Uint8Array): Text {
  const known = texts.get(bytes)
  if (known !== undefined) return known
  const plain = plainValue(bytes)
  const text = plain === undefined ? { value: saltedValue(bytes), start: SALT_BYTES } : { value: plain, start: 0 }
  texts.set(bytes, text)
  return text
}

function plainValue(bytes: Uint8Array): Canonical | undefined {
  return parseCanonical(utf8.decode(bytes))
}

/** Canonical text is never ended by an object that begins at the 33rd byte, so that no bytes have two meanings. */
function saltedValue(bytes: Uint8Array): Canonical | undefined {
  return bytes[SALT_BYTES] === OBJECT ? plainValue(bytes.subarray(SALT_BYTES)) : undefined
}

const OBJECT = 0x7b

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
