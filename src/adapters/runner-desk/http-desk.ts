import { setTimeout as delay } from 'node:timers/promises'
import type { z } from 'zod'
import { type Blobs, type Desk, type DeskRefusal } from '../../app/runner/ports.ts'
import { Accepted, ClaimAnswer, DeskError, MAX_BLOB_BYTES } from '../../app/runner/protocol.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { TokenSource } from './oidc-token.ts'

/** The controller did not answer, or not in words that the protocol knows. The message is safe to show. */
export class DeskUnreachable extends Error {
  override readonly name = 'DeskUnreachable'
}

export type HttpDeskOptions = {
  /** The controller's PUBLIC_URL, without a slash at its end. */
  readonly url: string
  readonly token: TokenSource
  /** How long to wait after each failed try; there is one try more than waits. */
  readonly waitsMs: readonly number[]
}

export const PATIENT: readonly number[] = [500, 1000, 2000, 4000, 8000, 15_000, 30_000]

/** The controller over HTTP. Every request can be repeated: the server knows a repetition by its content. */
export function httpDesk(options: HttpDeskOptions): { readonly desk: Desk; readonly blobs: Blobs } {
  const post = async <T>(path: string, body: unknown, schema: z.ZodType<T>) =>
    answered(await ask(options, { path, method: 'POST', body: JSON.stringify(body), type: 'application/json' }), schema)
  const taken = async (path: string, body: unknown) => {
    const answer = await post(path, body, Accepted)
    return answer.ok ? ok(null) : answer
  }
  return {
    desk: {
      claim: (request) => post('claim', request, ClaimAnswer),
      step: (report) => taken('steps', report),
      deliver: (report) => taken('deliver', report),
    },
    blobs: {
      get: (sha256) => ask(options, { path: `blobs/${sha256}`, method: 'GET' }),
      put: async ({ sha256, bytes }) => {
        const type = 'application/octet-stream'
        const answer = await ask(options, { path: `blobs/${sha256}`, method: 'PUT', body: bytes, type })
        return answer.ok ? ok(null) : answer
      },
    },
  }
}

type Call = {
  readonly path: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly body?: string | Uint8Array
  readonly type?: string
}

/** Tries again after 429, 5xx and a broken connection; every other answer is final. */
async function ask(options: HttpDeskOptions, call: Call): Promise<Result<Uint8Array, DeskRefusal>> {
  const { url, waitsMs } = options
  let last = 'there was no answer'
  for (const wait of [0, ...waitsMs]) {
    if (wait > 0) await delay(wait)
    const answer = await tryOnce(options, call)
    if (answer.is === 'final') return answer.result
    last = answer.because
  }
  throw new DeskUnreachable(`${url} does not take /api/runner/${call.path.split('/')[0] ?? ''}: ${last}`)
}

type Answer =
  | { readonly is: 'final'; readonly result: Result<Uint8Array, DeskRefusal> }
  | { readonly is: 'again'; readonly because: string }

const PATIENCE_MS = 60_000

async function tryOnce({ url, token }: HttpDeskOptions, { path, method, body, type }: Call): Promise<Answer> {
  const authorization = await token()
  if (!authorization.ok) return { is: 'again', because: authorization.refusal }
  try {
    const response = await fetch(`${url}/api/runner/${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        authorization: `Bearer ${authorization.value}`,
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Uint8Array.from(body) }),
    })
    return toAnswer(response.status, await limitedBytes(response))
  } catch (error) {
    return { is: 'again', because: error instanceof Error ? `${error.name}: ${error.message}` : 'the connection broke' }
  }
}

function toAnswer(status: number, bytes: Uint8Array): Answer {
  if (status >= 200 && status < 300) return { is: 'final', result: ok(bytes) }
  if (status === 429 || status >= 500) return { is: 'again', because: `it answered ${status}` }
  const said = DeskError.safeParse(parseJson(bytes))
  const unknown = { rule: `http-${status}`, because: `the controller answered ${status}`, next: 'look at its log' }
  return { is: 'final', result: refuse(said.success ? said.data.error : unknown) }
}

async function limitedBytes(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > MAX_BLOB_BYTES) throw new DeskUnreachable('its answer is too large')
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function answered<T>(answer: Result<Uint8Array, DeskRefusal>, schema: z.ZodType<T>): Result<T, DeskRefusal> {
  if (!answer.ok) return answer
  const parsed = schema.safeParse(parseJson(answer.value))
  if (parsed.success) return ok(parsed.data)
  throw new DeskUnreachable(
    `the controller's answer has an unknown shape: ${parsed.error.issues[0]?.path.join('.') ?? ''}`,
  )
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
