import type { IncomingMessage, ServerResponse } from 'node:http'

/** The request's line and headers as the web platform has them; the body stays where it is. Undefined where they are not valid. */
export function toRequest({ url = '', method = 'GET', rawHeaders }: IncomingMessage): Request | undefined {
  if (!url.startsWith('/')) return undefined
  try {
    const headers = new Headers()
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
    return new Request(`http://host${url}`, { method, headers })
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Sends a whole answer. A connection whose request was not read to its end is closed behind it. */
export async function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: Response): Promise<void> {
  const bytes = new Uint8Array(await answer.arrayBuffer())
  for (const [name, value] of answer.headers) outgoing.setHeader(name, value)
  if (!incoming.complete) outgoing.setHeader('connection', 'close')
  if (incoming.method !== 'HEAD') outgoing.setHeader('content-length', bytes.length)
  const { promise, resolve } = Promise.withResolvers<void>()
  outgoing.once('close', resolve)
  outgoing.writeHead(answer.status)
  outgoing.end(incoming.method === 'HEAD' ? undefined : bytes, resolve)
  await promise
}
