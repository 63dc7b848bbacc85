import type { Server } from 'node:http'
import type { Environment } from './environment.ts'

/** Longer than proxies keep a connection that is idle: else one of them asks on a connection that was just closed. */
const KEEP_ALIVE_MS = 65_000

/** A server whose public address is this machine's own is heard on this machine alone. */
export function listen(server: Server, { PORT: port, PUBLIC_URL: publicUrl }: Environment): Promise<string> {
  const host = publicUrl !== undefined && new URL(publicUrl).hostname === '127.0.0.1' ? '127.0.0.1' : undefined
  server.keepAliveTimeout = KEEP_ALIVE_MS
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`)
    })
  })
}
