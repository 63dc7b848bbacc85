import { connect, createServer, type Socket } from 'node:net'

/** A connection to PostgreSQL that breaks once, at the next commit after it is armed. */
export type CuttingProxy = { readonly url: string; readonly arm: () => void; readonly stop: () => Promise<void> }

type Cut = 'before the server hears it' | 'after the server answered'

export async function startCuttingProxy(target: URL, cut: Cut): Promise<CuttingProxy> {
  let armed = false
  const sockets = new Set<Socket>()

  function carry(client: Socket): void {
    const upstream = connect(Number(target.port), target.hostname)
    let cutting = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      if (armed && bytes.includes('commit\0')) {
        armed = false
        cutting = true
        if (cut === 'before the server hears it') return void client.destroy()
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (cutting) client.destroy()
      else client.write(bytes)
    })
  }

  const server = createServer(carry)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  const url = new URL(target)
  url.port = String(address.port)
  return {
    url: url.href,
    arm: () => {
      armed = true
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
