import type { IncomingMessage } from 'node:http'

export type BodyRead =
  | { readonly is: 'whole'; readonly bytes: Uint8Array }
  | { readonly is: 'too-large' | 'too-slow' | 'too-many' | 'broken' }

/** Reads the request's body, which may have at most this many bytes. */
export type ReadBody = (request: IncomingMessage, mostBytes: number) => Promise<BodyRead>

/** Bytes of bodies that may be held at once. */
const MAX_BYTES_HELD = 192 * 1024 * 1024

export function bodyReader(timeoutMs: number): ReadBody {
  let held = 0
  return async (request, mostBytes) => {
    const declared = Number(request.headers['content-length'] ?? 0)
    if (!(declared <= mostBytes)) return { is: 'too-large' }
    let mine = 0
    try {
      return await collect(request, timeoutMs, (size) => {
        mine += size
        held += size
        if (mine > mostBytes) return 'too-large'
        return held > MAX_BYTES_HELD ? 'too-many' : undefined
      })
    } finally {
      held -= mine
    }
  }
}

type Weigh = (size: number) => 'too-large' | 'too-many' | undefined

async function collect(request: IncomingMessage, timeoutMs: number, weigh: Weigh): Promise<BodyRead> {
  const chunks: Uint8Array[] = []
  const { promise, resolve } = Promise.withResolvers<BodyRead>()
  const limit = AbortSignal.timeout(timeoutMs)
  const onData = (chunk: Uint8Array) => {
    const refusal = weigh(chunk.length)
    if (refusal === undefined) chunks.push(chunk)
    else resolve({ is: refusal })
  }
  limit.addEventListener('abort', () => resolve({ is: 'too-slow' }))
  request.on('data', onData)
  request.once('end', () => resolve({ is: 'whole', bytes: new Uint8Array(Buffer.concat(chunks)) }))
  request.once('error', () => resolve({ is: 'broken' }))
  request.once('close', () => resolve({ is: 'broken' }))
  const read = await promise
  request.off('data', onData)
  if (read.is !== 'whole') request.pause()
  return read
}
