/** The bodies of the one exchange that a client makes, as they went over the wire. */
export type Recorded = { readonly request: Uint8Array[]; readonly response: Uint8Array[] }

const MAX_RESPONSE_BYTES = 8 * 1024 * 1024

/** The answer is longer than any plan may be. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong'
}

/**
 * `fetch` with a record of both bodies, a limit on the answer's size, and a time limit that covers the body too. A
 * redirect is an error: it could carry the key to another host.
 */
export function recordingFetch(recorded: Recorded, timeoutMs: number): typeof fetch {
  return async (input, init) => {
    const late = AbortSignal.timeout(timeoutMs)
    const signal = init?.signal ? AbortSignal.any([late, init.signal]) : late
    if (typeof init?.body === 'string') recorded.request.push(new TextEncoder().encode(init.body))
    const response = await fetch(input, { ...init, signal, redirect: 'error' })
    const body = await readBody(response)
    recorded.response.push(body)
    const { status, statusText } = response
    const headers = new Headers(response.headers)
    headers.delete('content-encoding')
    return new Response(body.length === 0 ? null : body, { status, statusText, headers })
  }
}

async function readBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > MAX_RESPONSE_BYTES) throw new AnswerTooLong(`more than ${MAX_RESPONSE_BYTES} bytes`)
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}
