import { inflateSync } from 'node:zlib'
import type { Inflate } from '../../domain/patch/parse-binary.ts'

/** zlib for the patch parser: exactly the promised size, and every byte of the input used. */
export const inflate: Inflate = (deflated, size) => {
  const inflated = inflateAtMost(deflated, size)
  return inflated?.buffer.length === size && inflated.engine.bytesWritten === deflated.length
    ? inflated.buffer
    : undefined
}

/** What zlib answers under `info: true`, which its types do not tell. */
type Inflated = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }

function inflateAtMost(deflated: Uint8Array, size: number): Inflated | undefined {
  try {
    const answer: unknown = inflateSync(deflated, { maxOutputLength: size + 1, info: true })
    return isInflated(answer) ? answer : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

function isInflated(answer: unknown): answer is Inflated {
  if (typeof answer !== 'object' || answer === null || !('buffer' in answer) || !('engine' in answer)) return false
  const { buffer, engine } = answer
  if (typeof engine !== 'object' || engine === null || !('bytesWritten' in engine)) return false
  return Buffer.isBuffer(buffer) && typeof engine.bytesWritten === 'number'
}
