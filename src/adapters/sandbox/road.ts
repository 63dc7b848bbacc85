import type { Socket } from 'node:net'
import { Transform } from 'node:stream'
import type { Attempts } from './attempts.ts'
import type { Ways } from './dial.ts'

/** What all connections of one command share. */
export type Road = Ways & {
  readonly attempts: Attempts
  /** What may still be carried. */
  readonly budget: { left: number }
  /** Every socket that is open, to close them with the proxy. */
  readonly sockets: Set<Socket>
}

/** Keeps a socket among the open ones as long as it is open. */
export function track({ sockets }: Road, socket: Socket): void {
  sockets.add(socket)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => sockets.delete(socket))
}

/** What one command may carry is used up. */
export class RoadClosed extends Error {
  override readonly name = 'RoadClosed'
}

/** Lets bytes through and counts them, until the command has carried as many as it may. */
export function metered({ budget }: Road, count: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      budget.left -= chunk.length
      if (budget.left < 0) done(new RoadClosed('too many bytes'))
      else {
        count(chunk.length)
        done(null, chunk)
      }
    },
  })
}
