import { isSha256, type Sha256 } from '../domain/hash.ts'

/** Every text of a value that could be the name of a blob, in order. */
export function namesIn(value: unknown): Sha256[] {
  if (isSha256(value)) return [value]
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(namesIn)
  return []
}
