/** What the first bytes of a tunnel are: `more` while they could still name a host, `none` where they cannot. */
export type Flight =
  | { readonly is: 'more' }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'none' }
  | { readonly is: 'plain' }

const MORE: Flight = { is: 'more' }
const NONE: Flight = { is: 'none' }
const PLAIN: Flight = { is: 'plain' }
const HANDSHAKE = 22
const CLIENT_HELLO = 1
const MOST_BYTES = 64 * 1024

/**
 * Reads the server name of a TLS ClientHello (RFC 8446, RFC 6066). Anything else is plain: what comes behind a first request
 * could name another host, so none is looked at.
 */
export function hostNamedBy(bytes: Buffer): Flight {
  if (bytes.length === 0) return MORE
  if (bytes[0] !== HANDSHAKE) return PLAIN
  const flight = inRecords(bytes)
  return flight.is === 'more' && bytes.length > MOST_BYTES ? NONE : flight
}

/** Puts the handshake together, which may lie in several records. */
function inRecords(bytes: Buffer): Flight {
  const parts: Buffer[] = []
  for (let at = 0; at + 5 <= bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || bytes[at + 1] !== 3) return NONE
    const end = at + 5 + bytes.readUInt16BE(at + 3)
    parts.push(bytes.subarray(at + 5, end))
    at = end
  }
  const handshake = Buffer.concat(parts)
  if (handshake.length < 4) return MORE
  if (handshake[0] !== CLIENT_HELLO) return NONE
  const length = handshake.readUIntBE(1, 3)
  return handshake.length < 4 + length ? MORE : inHello(handshake.subarray(4, 4 + length))
}

/** Skips version and random, then session, ciphers and compressions by their lengths. */
function inHello(hello: Buffer): Flight {
  const session = slice(hello, 34, 1)
  const ciphers = slice(hello, session.end, 2)
  const compressions = slice(hello, ciphers.end, 1)
  const { content } = slice(hello, compressions.end, 2)
  for (let at = 0; at + 4 <= content.length; ) {
    const extension = slice(content, at + 2, 2)
    if (content.readUInt16BE(at) === 0) return inServerName(extension.content)
    at = extension.end
  }
  return NONE
}

/** A list of names, of which exactly one may be there. */
function inServerName(extension: Buffer): Flight {
  const { content: list } = slice(extension, 0, 2)
  const { content: name, end } = slice(list, 1, 2)
  if (list[0] !== 0 || end !== list.length || name.length === 0) return NONE
  return { is: 'name', name: name.toString('latin1').toLowerCase() }
}

/** What stands behind its own length, and where that ends; nothing where the bytes do not reach. */
function slice(bytes: Buffer, at: number, width: number): { readonly content: Buffer; readonly end: number } {
  const start = at + width
  const end = start <= bytes.length ? start + bytes.readUIntBE(at, width) : Number.POSITIVE_INFINITY
  return end <= bytes.length
    ? { content: bytes.subarray(start, end), end }
    : { content: Buffer.alloc(0), end: bytes.length }
}
