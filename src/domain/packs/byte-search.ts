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

/** Where `find` stands at or after `from`; -1 where it does not, and for an empty `find`. No byte is looked at twice. */
export function indexOfBytes(bytes: Uint8Array, find: Uint8Array, from: number): number {
  const [first] = find
  if (first === undefined) return -1
  const back = overlapsOf(find)
  let matched = 0
  for (let at = bytes.indexOf(first, from); at !== -1 && at < bytes.length; at += 1) {
    matched = longer(find, back, { matched, byte: bytes[at] })
    if (matched === find.length) return at + 1 - matched
    if (matched === 0) at = before(bytes.indexOf(first, at + 1), bytes.length)
  }
  return -1
}

function before(at: number, end: number): number {
  return at === -1 ? end : at - 1
}

/** How much of `find` has been matched once one more byte is read. */
function longer(
  find: Uint8Array,
  back: Uint32Array,
  { matched, byte }: { readonly matched: number; readonly byte: number | undefined },
): number {
  let length = matched
  while (length > 0 && byte !== find[length]) length = back[length - 1] ?? 0
  return byte === find[length] ? length + 1 : length
}

/** For each beginning of `find`, how much of its end is a beginning too (Knuth, Morris, Pratt). */
function overlapsOf(find: Uint8Array): Uint32Array {
  const back = new Uint32Array(find.length)
  for (let i = 1; i < find.length; i += 1) back[i] = longer(find, back, { matched: back[i - 1] ?? 0, byte: find[i] })
  return back
}

/** Git's own rule: a NUL among the first 8000 bytes. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0)
}
