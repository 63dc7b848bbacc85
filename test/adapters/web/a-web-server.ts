import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { WebOptions } from '../../../src/adapters/web/web-options.ts'
import { webServer } from '../../../src/adapters/web/web-server.ts'
import type { JobDesk, JobRefused } from '../../../src/app/job-desk.ts'
import { ok, type Result, refuse } from '../../../src/domain/result.ts'
import { aStore, type Store } from '../../app/queries/told-run.ts'
import { plainFilter } from '../../support/plain-filter.ts'

export type Logged = {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
}

/** A desk that keeps what it was asked, and knows one token. */
export function aDesk() {
  const asked: unknown[] = []
  const known: Result<never, JobRefused> = refuse({
    status: 403,
    error: { rule: 'job-actor', because: 'another job', next: 'let AgentOS dispatch' },
  })
  const kept = new Map<string, Uint8Array>()
  const take = (what: unknown, token: string) => {
    asked.push(what)
    return token === 'good' ? ok({ accepted: true } as const) : known
  }
  const desk: JobDesk = {
    claim: async (token, request) => {
      asked.push(request)
      if (token !== 'good') return known
      const envelope = {
        payload: '',
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ keyid: '0'.repeat(64), sig: '' }],
      } as const
      return ok({
        envelope: { ...envelope, signatures: [envelope.signatures[0]] },
        subject: '',
        manifest: '',
        contents: [],
      })
    },
    step: async (token, report) => take(report, token),
    deliver: async (token, report) => take(report, token),
    readBlob: async (_token, sha256) => {
      const bytes = kept.get(sha256)
      return bytes === undefined
        ? refuse({ status: 404, error: { rule: 'blob', because: 'not there', next: 'upload it' } })
        : ok(bytes)
    },
    storeBlob: async (token, sha256, bytes) => {
      kept.set(sha256, bytes)
      return take(sha256, token)
    },
  }
  return { desk, asked }
}

/** The web server over a ledger in memory, on a port of its own on this machine. */
export async function aWebServer(given: Partial<WebOptions> = {}, store: Store = aStore()) {
  const logged: Logged[] = []
  const { desk, asked } = aDesk()
  const listener = webServer({
    ingress: async (request, response) => {
      if (request.url !== '/api/github/webhooks') return false
      response.writeHead(200).end('kept')
      return true
    },
    ledger: store.ledger,
    queries: store.queries,
    desk,
    evidence: async (run) =>
      (await store.queries.showRun(run)) === null ? undefined : Buffer.from(`{"run":"${run}"}`),
    keys: async () => ({ keys: [{ keyid: 'k' }] }),
    deliveriesWaiting: async () => 3,
    replayed: () => ({ divergences: 0, next: 1 }),
    filter: plainFilter,
    readToken: 'read-me',
    publicUrl: 'https://agentos.test/',
    log: (level, message, fields) => logged.push({ level, message, fields }),
    ...given,
  })
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const url = `http://127.0.0.1:${address.port}`
  return {
    url,
    store,
    logged,
    asked,
    get: (path: string, headers: Readonly<Record<string, string>> = {}) => fetch(url + path, { headers }),
    post: (path: string, body: string | Uint8Array, token?: string) =>
      fetch(url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : Uint8Array.from(body),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      }),
    /** A request made by hand: headers as given, as much of the body as given, and no more. */
    raw: (path: string, options: RawRequest) => rawRequest(url + path, options),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type RawRequest = {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly begin?: string
  readonly hangUp?: true
}
type RawAnswer = { readonly status: number; readonly text: string }

async function rawRequest(url: string, { method, headers, begin, hangUp }: RawRequest): Promise<RawAnswer> {
  const request = httpRequest(url, { method, headers })
  request.flushHeaders()
  if (begin !== undefined) request.write(begin)
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  if (hangUp === true) request.destroy()
  const response = await answer
  const parts: Uint8Array[] = []
  for await (const part of response) parts.push(part)
  request.destroy()
  return { status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }
}
