import { concatBytes } from '../patch/bytes.ts'

/** Replaces every occurrence on the bytes themselves, left to right; undefined where there is none. */
export function replaceBytes(bytes: Uint8Array, find: Uint8Array, replacement: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = []
  let from = 0
  for (let at = indexOfBytes(bytes, find, 0); at !== -1; at = indexOfBytes(bytes, find, from)) {
    parts.push(bytes.subarray(from, at), replacement)
    from = at + find.length
  }
  return parts.length === 0 ? undefined : concatBytes([...parts, bytes.subarray(from)])
}

/** Where `find` stands at or after `from`; -1 where it does not, and for an empty `find`. */
export function indexOfBytes(bytes: Uint8Array, find: Uint8Array, from: number): number {
  const [first] = find
  if (first === undefined) return -1
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (at + find.length > bytes.length) return -1
    if (standsAt(bytes, find, at)) return at
  }
  return -1
}

function standsAt(bytes: Uint8Array, find: Uint8Array, at: number): boolean {
  for (let i = 1; i < find.length; i += 1) if (bytes[at + i] !== find[i]) return false
  return true
}

/** Git's own rule: a NUL among the first 8000 bytes. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0)
}
