import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Actor, isRecord, Refused, type Reply } from './exchange.ts'

/** One request and what became of it. */
export type Recorded = {
  readonly method: string
  /** Path with its query. */
  readonly path: string
  /** Login of who asked; an App is its slug. */
  readonly actor: string | null
  readonly body: unknown
  /** Zero when the connection was cut instead of answered. */
  readonly status: number
  readonly responseBody: unknown
}

export type FaultKind =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | 'close-before'
  | 'close-after'
  | 'hang'

export type Asked = Pick<Recorded, 'method' | 'path' | 'body'>

type Fault = { readonly match: (asked: Asked) => boolean; readonly what: FaultKind; left: number }

/** A request before it is known who makes it. */
export type Incoming = {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

export type Answered = { readonly reply: Reply; readonly actor: Actor }
export type Front = {
  readonly url: string
  readonly requests: readonly Recorded[]
  readonly fault: (match: (asked: Asked) => boolean, what: FaultKind, times: number) => void
  readonly onRequest: (listener: (recorded: Recorded) => void) => void
  readonly close: () => Promise<void>
}

type State = {
  readonly base: string
  readonly requests: Recorded[]
  readonly faults: Fault[]
  readonly listeners: ((recorded: Recorded) => void)[]
  readonly used: Map<string, number>
  readonly answer: (incoming: Incoming) => Promise<Answered>
}

const HOURLY_LIMIT = 5000
/** Somebody who was busy for a while finds the connection still open. */
const KEEP_ALIVE_MS = 65_000
const DOCS = 'https://docs.github.com/rest'

/** The socket of the local GitHub: it records, cuts, limits and answers. */
export async function startFront(answer: (incoming: Incoming) => Promise<Answered>): Promise<Front> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const base = `http://127.0.0.1:${portOf(server)}`
  const state: State = { base, requests: [], faults: [], listeners: [], used: new Map(), answer }
  server.on('request', (request, response) => {
    serve(state, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  return {
    url: base,
    requests: state.requests,
    fault: (match, what, times) => {
      state.faults.push({ match, what, left: times })
    },
    onRequest: (listener) => {
      state.listeners.push(listener)
    },
    close: () => closeServer(server),
  }
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const incoming = await receive(state, request)
  const asked = {
    method: incoming.method,
    path: `${incoming.url.pathname}${incoming.url.search}`,
    body: bodyIn(incoming),
  }
  const fault = state.faults.find((candidate) => candidate.left > 0 && candidate.match(asked))
  if (fault !== undefined) fault.left -= 1
  const what = fault?.what
  if (what === 'hang') return
  if (what === 'close-before') {
    record(state, { ...asked, actor: null, status: 0, responseBody: null })
    request.socket.destroy()
    return
  }
  const injected = typeof what === 'object' ? failing(what) : undefined
  const { reply, actor } = injected ?? (await state.answer(incoming))
  const whole = conditional(incoming, { ...reply, headers: { ...limits(state, incoming), ...reply.headers } })
  const status = what === 'close-after' ? 0 : whole.status
  record(state, { ...asked, actor: nameOf(actor), status, responseBody: whole.json ?? null })
  if (what === 'close-after') request.socket.destroy()
  else send(response, incoming.method, whole)
}

/** Turns a refusal into GitHub's error body. */
export function toErrorReply(refused: Refused): Reply {
  const errors = refused.errors === undefined ? {} : { errors: refused.errors }
  const json = { message: refused.message, ...errors, documentation_url: DOCS, status: String(refused.status) }
  return { status: refused.status, json }
}

function failing(what: Extract<FaultKind, object>): Answered {
  const limited = what.status === 429
  const message = limited ? 'You have exceeded a secondary rate limit. Please wait a few minutes.' : 'Server Error'
  const headers = { ...(limited ? { 'retry-after': '1' } : {}), ...what.headers }
  return { reply: { ...toErrorReply(new Refused(what.status, message)), headers }, actor: { is: 'anonymous' } }
}

function limits(state: State, { headers }: Incoming): Readonly<Record<string, string>> {
  const key = headers['authorization'] ?? ''
  const used = (state.used.get(key) ?? 0) + 1
  state.used.set(key, used)
  return {
    'x-ratelimit-limit': String(HOURLY_LIMIT),
    'x-ratelimit-used': String(used),
    'x-ratelimit-remaining': String(Math.max(0, HOURLY_LIMIT - used)),
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 3_600_000) * 3600),
    'x-ratelimit-resource': 'core',
  }
}

/** Answers 304 when the asker already has these bytes. */
function conditional(incoming: Incoming, reply: Reply): Reply {
  if (incoming.method !== 'GET' || reply.status !== 200 || reply.json === undefined) return reply
  const etag = `W/"${createHash('sha256').update(JSON.stringify(reply.json)).digest('hex')}"`
  const headers = { ...reply.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' }
  if (incoming.headers['if-none-match'] === etag) return { status: 304, headers }
  return { ...reply, headers }
}

function send(response: ServerResponse, method: string, { status, headers, json, bytes }: Reply): void {
  const type = json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  const body = json === undefined ? bytes : Buffer.from(JSON.stringify(json))
  const { status: _status, ...plain } = headers ?? {}
  response.writeHead(status, { ...type, 'x-github-media-type': 'github.v3; format=json', ...plain })
  response.end(method === 'HEAD' ? undefined : body)
}

function record(state: State, recorded: Recorded): void {
  state.requests.push(recorded)
  for (const listener of state.listeners) listener(recorded)
}

async function receive(state: State, request: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  )
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', state.base),
    headers: Object.fromEntries(headers),
    bytes: Buffer.concat(chunks),
  }
}

function bodyIn({ bytes, headers }: Incoming): unknown {
  if (bytes.length === 0 || !(headers['content-type'] ?? 'application/json').includes('json')) return null
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'))
    return isRecord(body) || Array.isArray(body) ? body : null
  } catch {
    return null
  }
}

function nameOf(actor: Actor): string | null {
  if (actor.is === 'anonymous') return null
  return actor.is === 'app-itself' ? 'agentos' : actor.user.login
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the local GitHub is not listening')
  return address.port
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve()
      else reject(error)
    })
    server.closeAllConnections()
  })
}
