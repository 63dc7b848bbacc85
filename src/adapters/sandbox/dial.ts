import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Outside } from './addresses.ts'
import type { Failure, Refusal, Target } from './attempts.ts'
import { isHostName, type ListedHost } from './listed-hosts.ts'

const PATIENCE_MS = 20_000
const IDLE_MS = 120_000

export type Dialled =
  | { readonly is: 'reached'; readonly socket: Socket }
  | { readonly is: 'refused'; readonly because: Refusal }
  | { readonly is: 'failed'; readonly because: Failure }

export type Ways = { readonly listed: readonly ListedHost[]; readonly outside: Outside }

/** Connects to a listed host at the very addresses that were judged. */
export async function dial({ listed, outside }: Ways, { host, port }: Target): Promise<Dialled> {
  if (!isHostName(host)) return { is: 'refused', because: 'not a host name' }
  if (!listed.some((one) => one.name === host && one.port === port)) return { is: 'refused', because: 'not listed' }
  const addresses = await addressesOf(outside, host)
  if (addresses.length === 0) return { is: 'failed', because: 'no such host' }
  if (!addresses.every(outside.mayReach)) return { is: 'refused', because: 'an address that is not public' }
  for (const address of addresses) {
    const socket = await connected(address, port)
    if (socket !== null) return { is: 'reached', socket }
  }
  return { is: 'failed', because: 'no connection' }
}

async function addressesOf(outside: Outside, host: string): Promise<readonly string[]> {
  try {
    return await outside.addressesOf(host)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}

async function connected(address: string, port: number): Promise<Socket | null> {
  const socket = connect({ host: address, port, allowHalfOpen: true })
  socket.on('error', () => socket.destroy())
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) })
    return socket
  } catch {
    socket.destroy()
    return null
  }
}
