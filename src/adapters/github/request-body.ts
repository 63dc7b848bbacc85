import type { IncomingMessage } from 'node:http'

/** GitHub caps a webhook's body at 25 MB. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024

/** Bytes of bodies that may be held at once while nothing is known about who sends them. */
const MAX_BYTES_HELD = 128 * 1024 * 1024
const BODY_TIMEOUT_MS = 10_000

export type BodyRead =
  | { readonly is: 'whole'; readonly bytes: Uint8Array }
  | { readonly is: 'too-large' | 'too-slow' | 'too-many' | 'broken' }

/** Reads bodies no larger than they may be, and no more of them at a time than memory bears. */
export function bodyReader(): (request: IncomingMessage) => Promise<BodyRead> {
  let held = 0
  return async (request) => {
    const declared = Number(request.headers['content-length'] ?? 0)
    if (!(declared <= MAX_BODY_BYTES)) return { is: 'too-large' }
    let mine = 0
    try {
      return await collect(request, (size) => {
        mine += size
        held += size
        if (mine > MAX_BODY_BYTES) return 'too-large'
        return held > MAX_BYTES_HELD ? 'too-many' : undefined
      })
    } finally {
      held -= mine
    }
  }
}

type Weigh = (size: number) => 'too-large' | 'too-many' | undefined

async function collect(request: IncomingMessage, weigh: Weigh): Promise<BodyRead> {
  const chunks: Uint8Array[] = []
  const limit = AbortSignal.timeout(BODY_TIMEOUT_MS)
  const { promise, resolve } = Promise.withResolvers<BodyRead>()
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
