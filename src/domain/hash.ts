import { hash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from './canonical.ts'

/** SHA-256, 64 lower-case hex digits. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
export type Sha256 = z.infer<typeof Sha256>

/** Whether a value is spelled as a SHA-256, as the schema has it. */
export function isSha256(value: unknown): value is Sha256 {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/** A git object id (SHA-1), 40 lower-case hex digits. */
export const ObjectId = z.string().regex(/^[0-9a-f]{40}$/)
export type ObjectId = z.infer<typeof ObjectId>

export function sha256Hex(bytes: Uint8Array | string): Sha256 {
  return hash('sha256', bytes, 'hex')
}

export function sha1Hex(bytes: Uint8Array | string): ObjectId {
  return hash('sha1', bytes, 'hex')
}

/** The identity of a canonical value: SHA-256 over its RFC 8785 text. */
export function hashOf(value: unknown): Sha256 {
  return sha256Hex(canonicalJson(value))
}

/** The first ten digits, for people. Never compared, never used as an identity. */
export function short(sha: string): string {
  return sha.slice(0, 10)
}
