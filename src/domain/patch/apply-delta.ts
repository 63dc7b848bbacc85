import { MAX_FILE_BYTES } from './file-patch.ts'

/** Follows a git delta over its base; undefined when it is malformed, too large or made for another base. */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array | undefined {
  const source = readSize(delta, 0)
  if (source?.size !== base.length) return undefined
  const target = readSize(delta, source.next)
  if (target === undefined || target.size > MAX_FILE_BYTES) return undefined
  const result = new Uint8Array(target.size)
  let filled = 0
  for (let at = target.next; at < delta.length; ) {
    const step = readStep(base, delta, at)
    if (step === undefined || filled + step.bytes.length > result.length) return undefined
    result.set(step.bytes, filled)
    filled += step.bytes.length
    at = step.next
  }
  return filled === result.length ? result : undefined
}

function readSize(delta: Uint8Array, start: number): { readonly size: number; readonly next: number } | undefined {
  let size = 0
  for (let at = start; at < start + 5; at += 1) {
    const byte = delta[at]
    if (byte === undefined) return undefined
    size += (byte & 0x7f) * 2 ** (7 * (at - start))
    if (byte < 0x80) return { size, next: at + 1 }
  }
  return undefined
}

type Step = { readonly bytes: Uint8Array; readonly next: number }

function readStep(base: Uint8Array, delta: Uint8Array, at: number): Step | undefined {
  const code = delta[at] ?? 0
  if (code >= 0x80) return readCopy(base, delta, at)
  const next = at + 1 + code
  return code === 0 || next > delta.length ? undefined : { bytes: delta.subarray(at + 1, next), next }
}

/** Seven bits of the code say which bytes of a 32-bit offset and a 24-bit size follow; size 0 means 65536. */
function readCopy(base: Uint8Array, delta: Uint8Array, at: number): Step | undefined {
  const code = delta[at] ?? 0
  const fields = [0, 0, 0, 0, 0, 0, 0]
  let next = at + 1
  for (let bit = 0; bit < 7; bit += 1) {
    if ((code & (1 << bit)) === 0) continue
    const byte = delta[next]
    if (byte === undefined) return undefined
    fields[bit] = byte
    next += 1
  }
  const offset = littleEndian(fields.slice(0, 4))
  const size = littleEndian(fields.slice(4)) || 0x10000
  return offset + size > base.length ? undefined : { bytes: base.subarray(offset, offset + size), next }
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
