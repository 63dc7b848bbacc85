import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import { RunId } from '../../domain/ids.ts'
import { json, notFound, text } from './answers.ts'
import type { Exchange, Route } from './exchange.ts'
import { metricsText } from './metrics.ts'
import { runListPage } from './pages/run-list.ts'
import { runPage } from './pages/run-page.ts'
import { mayRead } from './read-access.ts'
import type { WebOptions } from './web-options.ts'

type Reading = Pick<WebOptions, 'queries' | 'evidence' | 'deliveriesWaiting' | 'replayed' | 'readToken' | 'publicUrl'>

/** What is told about runs, to those who may read. To everybody else none of it is there. */
export function readingRoutes(options: Reading): readonly Route[] {
  const { queries, deliveriesWaiting, replayed, readToken, publicUrl } = options
  const guard = (incoming: IncomingMessage) => mayRead(incoming, readToken)
  const routes: readonly Omit<Route, 'guard'>[] = [
    {
      path: '/metrics',
      methods: { GET: async () => metrics(await queries.counts(), await deliveriesWaiting(), replayed()) },
    },
    { path: '/runs', methods: { GET: async () => page(await runListPage(await queries.listRuns())) } },
    {
      path: '/runs/:id',
      methods: { GET: (context) => showRun(options, context, async (run) => page(await runPage(run, publicUrl))) },
    },
    { path: '/api/runs', methods: { GET: async () => json({ runs: await queries.listRuns() }) } },
    { path: '/api/runs/:id', methods: { GET: (context) => showRun(options, context, async (run) => json(run)) } },
    { path: '/api/runs/:id/evidence', methods: { GET: (context) => evidenceOf(options, context) } },
  ]
  return routes.map((route) => ({ ...route, guard }))
}

type RunView = NonNullable<Awaited<ReturnType<Reading['queries']['showRun']>>>

async function showRun(
  { queries }: Reading,
  context: Context<Exchange>,
  show: (run: RunView) => Promise<Response>,
): Promise<Response> {
  const run = await queries.showRun(context.req.param('id') ?? '')
  return run === null ? notFound() : show(run)
}

async function evidenceOf({ evidence }: Reading, context: Context<Exchange>): Promise<Response> {
  const run = RunId.safeParse(context.req.param('id'))
  const bytes = run.success ? await evidence(run.data) : undefined
  if (bytes === undefined) return notFound()
  const disposition = `attachment; filename="agentos-${run.data ?? ''}.evidence.json"`
  const headers = { 'content-type': 'application/json', 'content-disposition': disposition }
  return new Response(Uint8Array.from(bytes), { headers })
}

function metrics(...about: Parameters<typeof metricsText>): Response {
  return text(metricsText(...about), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
}

function page(html: string): Response {
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
}
