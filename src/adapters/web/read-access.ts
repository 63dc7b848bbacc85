import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Who may read about runs: a program on this very machine, or a bearer of the read token. A request that came through a
 * proxy is not from this machine, and one that names another host was sent by a web page, not by a person.
 */
export function mayRead(request: IncomingMessage, readToken: string): boolean {
  return isLocal(request) || bearsToken(request, readToken)
}

const FORWARDED = /^(forwarded|via|x-real-ip|x-forwarded(-.*)?)$/

function isLocal({ socket, headers }: IncomingMessage): boolean {
  if (!isLoopback(socket.remoteAddress ?? '')) return false
  if (Object.keys(headers).some((name) => FORWARDED.test(name))) return false
  return isLocalHost(headers.host ?? '')
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address)
}

function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(host)
}

function bearsToken({ headers }: IncomingMessage, readToken: string): boolean {
  const given = bearerIn(headers.authorization)
  return readToken !== '' && given !== undefined && timingSafeEqual(digest(given), digest(readToken))
}

export function bearerIn(authorization: string | undefined): string | undefined {
  return /^Bearer +([^\s]{1,16384})$/i.exec(authorization ?? '')?.[1]
}

/** Hashing first makes both sides equally long, whatever was sent. */
function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
