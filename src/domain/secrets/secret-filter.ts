import { SALT_BYTES } from '../packs/documents.ts'
import { fromUtf8, toUtf8 } from '../patch/bytes.ts'
import { findSecrets } from './find-secrets.ts'
import type { Finding } from './finding.ts'
import { type KnownSecret, toNeedles } from './needles.ts'
import { redacted, removalMark } from './redact.ts'

/**
 * The one gate for what leaves or is kept: it knows the formats of secrets, and the values that this process was given. It
 * says kinds and places, and never a value.
 */
export type SecretFilter = {
  readonly find: (bytes: Uint8Array) => readonly Finding[]
  /** The text with a mark in the place of each secret; a text without any comes back as it was. */
  readonly text: (text: string) => string
  /** As `text`, for what a program printed: bytes without a secret come back as they were, whatever they are. */
  readonly bytes: (bytes: Uint8Array) => Uint8Array
  /** JSON text in which each string is filtered by itself, so that it stays JSON. */
  readonly json: (text: string) => string
  /** The kind of a secret in a document, in people's words or in plain text; undefined where there is none. */
  readonly kindIn: (bytes: Uint8Array) => string | undefined
}

export function secretFilter(known: readonly KnownSecret[]): SecretFilter {
  const needles = toNeedles(known)
  const find = (bytes: Uint8Array) => findSecrets(bytes, needles)
  const text = (given: string) => cleanText(find, given)
  return {
    find,
    text,
    bytes: (bytes) => (find(bytes).length === 0 ? bytes : toUtf8(text(lenient.decode(bytes)))),
    json: (given) => (find(toUtf8(given)).length === 0 ? given : eachString(given, text)),
    kindIn: (bytes) => kindIn(find, bytes),
  }
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

type Find = SecretFilter['find']

const MOST_ROUNDS = 3

/** What is left after a removal may read anew; what still holds a secret after a few rounds is removed whole. */
function cleanText(find: Find, given: string): string {
  let now = given
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const bytes = toUtf8(now)
    const findings = find(bytes)
    if (findings.length === 0) return now
    now = redacted(bytes, findings)
  }
  const [left] = find(toUtf8(now))
  return left === undefined ? now : removalMark(left.kind)
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/gs

function eachString(json: string, text: (value: string) => string): string {
  return json.replaceAll(STRING, (literal) => {
    const value: unknown = JSON.parse(literal)
    if (typeof value !== 'string') return literal
    const clean = text(value)
    return clean === value ? literal : JSON.stringify(clean)
  })
}

function kindIn(find: Find, bytes: Uint8Array): string | undefined {
  const [first] = find(bytes)
  if (first === undefined) return undefined
  const json = jsonIn(bytes) ?? jsonIn(bytes.subarray(SALT_BYTES))
  if (json === undefined) return first.kind
  const literals = json.match(STRING) ?? []
  return literals.flatMap((literal) => find(toUtf8(String(JSON.parse(literal))))).at(0)?.kind
}

function jsonIn(bytes: Uint8Array): string | undefined {
  const text = fromUtf8(bytes)
  try {
    if (text !== undefined) JSON.parse(text)
    return text
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
