import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Attempt, Refusal, Target } from './attempts.ts'
import { dial } from './dial.ts'
import { type Flight, hostNamedBy } from './first-flight.ts'
import { toPort } from './listed-hosts.ts'
import { metered, type Road, RoadClosed, track } from './road.ts'

/** The client's side of a CONNECT: its socket, and what it sent right behind the request. */
export type Client = { readonly socket: Duplex; readonly head: Buffer }

/** Carries one CONNECT, in which the client must greet the same host by TLS. Plain HTTP is for `carryRequest`. */
export async function carryTunnel(road: Road, authority: string, client: Client): Promise<void> {
  const target = targetOf(authority)
  const attempt = road.attempts.begin(target)
  const dialled = await dial(road, target)
  if (dialled.is !== 'reached') {
    attempt.end(dialled.is, dialled.because)
    client.socket.end(
      `HTTP/1.1 ${dialled.is === 'refused' ? '403' : '502'} ${dialled.because}\r\ncontent-length: 0\r\n\r\n`,
    )
    return
  }
  track(road, dialled.socket)
  attempt.reach()
  client.socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  const first = await firstFlight(client)
  const fault = faultOf(first.flight, target)
  if (fault === null) return join(road, attempt, { client, upstream: dialled.socket, first: first.bytes })
  attempt.end('refused', fault)
  client.socket.destroy()
  dialled.socket.destroy()
}

function faultOf(flight: Flight, { host }: Target): Refusal | null {
  if (flight.is === 'plain') return 'no TLS inside'
  if (flight.is !== 'name') return 'named no host inside'
  return flight.name === host ? null : 'named another host inside'
}

function targetOf(authority: string): Target {
  const at = authority.lastIndexOf(':')
  return { host: authority.slice(0, Math.max(at, 0)), port: toPort(authority.slice(at + 1)) ?? 0 }
}

type FirstFlight = { readonly flight: Flight; readonly bytes: Buffer }

/** Reads until a host is named or none can be. A client that goes away or waits for the other side names none. */
async function firstFlight({ socket, head }: Client): Promise<FirstFlight> {
  let bytes = head
  const silence = setTimeout(() => socket.destroy(), SILENCE_MS)
  try {
    for await (const chunk of chunksOf(socket)) {
      bytes = Buffer.concat([bytes, chunk])
      const flight = hostNamedBy(bytes)
      if (flight.is !== 'more') return { flight, bytes }
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  } finally {
    clearTimeout(silence)
  }
  return { flight: { is: 'none' }, bytes }
}

const SILENCE_MS = 15_000

/** Begins with nothing, so that what came with the request is looked at first. */
async function* chunksOf(socket: Duplex): AsyncGenerator<Buffer> {
  yield Buffer.alloc(0)
  const chunks: AsyncIterable<Buffer> = socket.iterator({ destroyOnReturn: false })
  yield* chunks
}

type Ends = { readonly client: Client; readonly upstream: Socket; readonly first: Buffer }

async function join(road: Road, attempt: Attempt, { client, upstream, first }: Ends): Promise<void> {
  const out = metered(road, attempt.sent)
  const ways = [
    pipeline(client.socket, out, upstream),
    pipeline(upstream, metered(road, attempt.received), client.socket),
  ]
  out.write(first)
  const ended = await Promise.allSettled(ways)
  const isFull = ended.some((one) => one.status === 'rejected' && one.reason instanceof RoadClosed)
  if (isFull) attempt.end('refused', 'too many bytes')
  else attempt.end('reached', 'listed')
  client.socket.destroy()
  upstream.destroy()
}
