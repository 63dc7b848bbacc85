import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkUse } from '../../domain/receipt.ts'
import { attemptsFor } from './attempts.ts'
import { carryRequest } from './carry-request.ts'
import { carryTunnel } from './carry-tunnel.ts'
import type { Ways } from './dial.ts'
import type { Identity } from './launch.ts'
import { type Road, track } from './road.ts'

/** The one way out of a sandbox: `folder` holds its socket file. */
export type Proxy = { readonly folder: string; readonly close: () => Promise<NetworkUse> }

const MOST_CONNECTIONS = 256

/** Starts a proxy for one command. Only the command's user may connect to it. */
export async function openProxy(ways: Ways, hosts: readonly string[], identity: Identity): Promise<Proxy> {
  const budget = { left: ways.outside.mostBytes }
  const road: Road = { ...ways, attempts: attemptsFor(hosts), budget, sockets: new Set() }
  const folder = mkdtempSync(join(tmpdir(), 'agentos-proxy-'))
  const server = serverOn(road)
  try {
    chmodSync(folder, 0o711)
    const socket = join(folder, 'socket')
    server.listen({ path: socket })
    await once(server, 'listening')
    chmodSync(socket, 0o600)
    if (identity !== null) chownSync(socket, identity.uid, identity.gid)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return { folder, close: () => close(road, server, folder) }
}

function serverOn(road: Road): Server {
  const server = createServer((request, response) => void carryRequest(road, request, response))
  server.maxConnections = MOST_CONNECTIONS
  server.on('connect', (request, socket, head) => void carryTunnel(road, request.url ?? '', { socket, head }))
  server.on('connection', (socket) => track(road, socket))
  server.on('drop', () => road.attempts.begin({ host: '', port: 0 }).end('refused', 'too many connections'))
  server.on('clientError', (_, socket) => {
    road.attempts.begin({ host: '', port: 0 }).end('refused', 'not a way through a proxy')
    socket.destroy()
  })
  return server
}

async function close({ attempts, sockets }: Road, server: Server, folder: string): Promise<NetworkUse> {
  const use = attempts.use()
  const closed = once(server, 'close')
  server.close()
  for (const socket of sockets) socket.destroy()
  await closed
  rmSync(folder, { recursive: true, force: true })
  return use
}
