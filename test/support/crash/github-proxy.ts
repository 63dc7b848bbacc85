import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'

/** Where a request of the server is cut off: GitHub never hears of it, or does it and cannot say so any more. */
export type Side = 'before' | 'after'

export type GithubProxy = {
  readonly url: string
  /** Every request that came by, each with how often its like did so far: `POST /repos/:owner/:repo/pulls 1`. */
  readonly seen: readonly string[]
  /** At this request, `kill` is awaited on the given side and nothing is answered. */
  cutAt(request: string, side: Side, kill: () => Promise<void>): void
  close(): Promise<void>
}

type Cut = { readonly request: string; readonly side: Side; readonly kill: () => Promise<void> }

/** Stands between the server and GitHub, since only what passes here is the server's own doing. */
export async function startGithubProxy(target: string): Promise<GithubProxy> {
  const seen: string[] = []
  const cuts: Cut[] = []
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  server.on('request', (request, response) => {
    void (async () => {
      const body = await bytesOf(request)
      const what = named(request)
      const label = `${what} ${seen.filter((one) => one.startsWith(`${what} `)).length + 1}`
      seen.push(label)
      const cut = cuts.find((one) => one.request === label)
      if (cut?.side === 'before') return cut.kill()
      const answer = await forward(target, request, body)
      const bytes = Buffer.from(await answer.arrayBuffer())
      if (cut?.side === 'after') return cut.kill()
      const headers = [...answer.headers].filter(([name]) => !HOP_BY_HOP.has(name))
      response.writeHead(
        answer.status,
        Object.fromEntries(headers.map(([name, value]) => [name, value.replaceAll(target, url)])),
      )
      response.end(bytes)
    })().catch(() => response.destroy())
  })
  return {
    url,
    seen,
    cutAt: (request, side, kill) => {
      cuts.push({ request, side, kill })
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Ids and hashes are of one run only. */
function named({ method = '', url = '' }: IncomingMessage): string {
  const path = decodeURIComponent(url.split('?', 1)[0] ?? '')
    .replace(/^\/repos\/[^/]+\/[^/]+/, '/repos/:owner/:repo')
    .replaceAll(/\bagentos\/\d+-.*$/g, ':branch')
    .replaceAll(/\b[0-9a-f]{40}\b/g, ':sha')
    .replaceAll(/\/\d+(?=\/|$)/g, '/:number')
  return `${method} ${path}`
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'host',
])

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Response> {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value !== 'string' || HOP_BY_HOP.has(name) ? [] : [[name, value]],
  )
  return fetch(`${target}${request.url}`, {
    method: request.method ?? 'GET',
    headers: Object.fromEntries(headers),
    ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    redirect: 'manual',
  })
}
