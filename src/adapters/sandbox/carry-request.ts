import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Attempt, Refusal } from './attempts.ts'
import { dial } from './dial.ts'
import { metered, type Road, RoadClosed, track } from './road.ts'

/** Carries one plain HTTP request in absolute form, over a connection of its own. */
export async function carryRequest(road: Road, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = URL.parse(incoming.url ?? '')
  const target = { host: url?.hostname ?? '', port: Number(url?.port === '' ? 80 : url?.port) }
  const attempt = road.attempts.begin(url === null ? { host: '', port: 0 } : target)
  const fault = requestFault(incoming, url)
  if (fault !== null) return refuse(response, attempt, { is: 'refused', because: fault })
  const dialled = await dial(road, target)
  if (dialled.is !== 'reached') return refuse(response, attempt, dialled)
  track(road, dialled.socket)
  attempt.reach()
  await exchange(road, attempt, { incoming, response, socket: dialled.socket })
}

function requestFault(incoming: IncomingMessage, url: URL | null): Refusal | null {
  if (url === null || url.protocol !== 'http:' || url.username !== '') return 'not a way through a proxy'
  return incoming.headers.host?.toLowerCase() === url.host ? null : 'named another host inside'
}

type Ended = { readonly is: 'refused' | 'failed'; readonly because: Parameters<Attempt['end']>[1] }

function refuse(response: ServerResponse, attempt: Attempt, { is, because }: Ended): void {
  attempt.end(is, because)
  response.writeHead(is === 'refused' ? 403 : 502, { 'content-type': 'text/plain', connection: 'close' })
  response.end(`${because}\n`)
}

type Exchange = { readonly incoming: IncomingMessage; readonly response: ServerResponse; readonly socket: Socket }

async function exchange(road: Road, attempt: Attempt, { incoming, response, socket }: Exchange): Promise<void> {
  const url = new URL(incoming.url ?? '')
  const outgoing = request({
    createConnection: () => socket,
    method: incoming.method,
    path: url.pathname + url.search,
    headers: { ...endToEnd(incoming.headers), ...framing(incoming.headers), host: url.host, connection: 'close' },
  })
  const ended = await Promise.allSettled([
    pipeline(incoming, metered(road, attempt.sent), outgoing),
    answer(road, attempt, { outgoing, response }),
  ])
  const isFull = ended.some((one) => one.status === 'rejected' && one.reason instanceof RoadClosed)
  if (isFull) attempt.end('refused', 'too many bytes')
  else attempt.end('reached', 'listed')
  if (!response.writableFinished) response.destroy()
  socket.destroy()
}

/** Keeps a body a body: of a GET, node would write one unframed, and it could be read as a second request. */
function framing(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }
}

type Answering = { readonly outgoing: ClientRequest; readonly response: ServerResponse }

async function answer(road: Road, attempt: Attempt, { outgoing, response }: Answering): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  outgoing.on('response', resolve)
  outgoing.on('error', reject)
  outgoing.on('close', () => reject(new RoadEnded('the host gave no answer')))
  const answered = await promise
  response.writeHead(answered.statusCode ?? 502, endToEnd(answered.headers))
  await pipeline(answered, metered(road, attempt.received), response)
}

class RoadEnded extends Error {
  override readonly name = 'RoadEnded'
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The headers that are meant for the other end. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
}
