import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Hono } from 'hono'
import { WillNotWork } from '../../app/ports.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import { notFound, refusal, text } from './answers.ts'
import { bodyReader, type ReadBody } from './body.ts'
import { addRoute, type Exchange } from './exchange.ts'
import { setSecurityHeaders } from './headers.ts'
import { send, toRequest } from './node-exchange.ts'
import { STYLE_HASH } from './pages/style.ts'
import { publicRoutes } from './public-routes.ts'
import { readingRoutes } from './reading-routes.ts'
import { runnerRoutes } from './runner-routes.ts'
import type { WebOptions } from './web-options.ts'

const BODY_TIMEOUT_MS = 60_000

/** Everything that the controller answers over HTTP, as one listener for `node:http`. */
export function webServer(options: WebOptions): RequestListener {
  const app = routesOf(options)
  const readBody = bodyReader(options.bodyTimeoutMs ?? BODY_TIMEOUT_MS)
  return (request, response) => {
    answer({ ...options, app, readBody }, request, response).catch((error: unknown) => {
      report(options, request, error)
      response.destroy()
    })
  }
}

type Answering = Pick<WebOptions, 'ingress' | 'log' | 'filter'> & {
  readonly app: Hono<Exchange>
  readonly readBody: ReadBody
}

async function answer(
  { ingress, app, readBody, filter }: Answering,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  setSecurityHeaders(outgoing, STYLE_HASH)
  if (await ingress(incoming, outgoing)) return
  const request = toRequest(incoming)
  if (request === undefined) return send(incoming, outgoing, text('bad request\n', 400))
  const body = (mostBytes: number) => readBody(incoming, mostBytes)
  return send(incoming, outgoing, await cleanAnswer(await app.fetch(request, { incoming, body }), filter))
}

/** Pages and words of programs are filtered once more; a download is signed, and its parts were filtered when they were kept. */
async function cleanAnswer(answer: Response, filter: SecretFilter): Promise<Response> {
  const type = answer.headers.get('content-type') ?? ''
  if (answer.headers.has('content-disposition') || !/^(?:text\/|application\/json)/.test(type)) return answer
  const body = await answer.text()
  const { status, headers } = answer
  return new Response(type.startsWith('application/json') ? filter.json(body) : filter.text(body), { status, headers })
}

function routesOf(options: WebOptions): Hono<Exchange> {
  const app = new Hono<Exchange>()
  const routes = [...publicRoutes(options), ...readingRoutes(options), ...runnerRoutes(options.desk)]
  for (const route of routes) addRoute(app, route)
  app.notFound(() => notFound())
  app.onError((error, context) => {
    report(options, context.env.incoming, error)
    if (!context.req.path.startsWith('/api/')) return text('something broke; the log of the server says more\n', 500)
    // Trying again cannot help, and a job that is told 5xx tries again.
    if (error instanceof WillNotWork)
      return refusal(422, { rule: 'server', because: error.message, next: 'look at the log of the server' })
    return refusal(500, {
      rule: 'server',
      because: 'something broke',
      next: 'try again; the log of the server says more',
    })
  })
  return app
}

/** The path alone is logged: a query or a header may hold what nobody else is to read. */
function report({ log }: Pick<WebOptions, 'log'>, { method = '', url = '' }: IncomingMessage, error: unknown): void {
  const path = url.split('?', 1)[0] ?? ''
  const what = error instanceof Error ? `${error.name}: ${error.message}` : 'what was thrown is no Error'
  log('error', 'a request could not be answered', { method, path, error: what })
}
