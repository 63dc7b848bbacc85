import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

/** What came out of a stream: the bytes kept, and how many there were. */
export type Captured = { readonly kept: Buffer; readonly bytes: number; readonly sha256: string }

/** Reads a stream to its end, keeps its first `limit` bytes and says once when there were more. */
export async function capture(stream: Readable, limit: number, onFlood: () => void): Promise<Captured> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    const part: Buffer = chunk
    if (bytes < limit) chunks.push(part.subarray(0, limit - bytes))
    bytes += part.length
    if (bytes > limit) onFlood()
  }
  const kept = Buffer.concat(chunks)
  return { kept, bytes, sha256: createHash('sha256').update(kept).digest('hex') }
}
