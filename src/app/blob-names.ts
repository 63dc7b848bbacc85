import type { Sha256 } from '../domain/hash.ts'

/** Every text of a value that could be the name of a blob, in order. */
export function namesIn(value: unknown): Sha256[] {
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? [value] : []
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(namesIn)
  return []
}
