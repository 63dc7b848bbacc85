const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function toUtf8(text: string): Uint8Array {
  return utf8.encode(text)
}

/** Whether a text has more bytes than that in UTF-8. No character takes more than three for each of its units. */
export function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && toUtf8(text).length > bytes
}

/** The text that these bytes are in UTF-8, byte for byte; undefined when they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const part of parts) size += part.length
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && startsWithBytes(a, b)
}

export function startsWithBytes(bytes: Uint8Array, start: Uint8Array): boolean {
  if (bytes.length < start.length) return false
  for (let i = 0; i < start.length; i += 1) if (bytes[i] !== start[i]) return false
  return true
}

/** The bytes of standard base64 with its padding; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i)
  return bytes
}

/** The bytes of a hash or an object id that is written in hex. */
export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i += 1)
    bytes[i] = (hexDigit(hex.charCodeAt(2 * i)) << 4) | hexDigit(hex.charCodeAt(2 * i + 1))
  return bytes
}

/** `0` to `9` end in the bits of their number; `a` to `f`, as `A` to `F`, in those of 1 to 6. */
function hexDigit(code: number): number {
  return (code & 15) + 9 * (code >> 6)
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += HEX[byte] ?? ''
  return hex
}

const LF = 10

/** The lines of these bytes, each with its own line feed; the last one may lack it. */
export function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  while (start < bytes.length) {
    const feed = bytes.indexOf(LF, start)
    const end = feed === -1 ? bytes.length : feed + 1
    lines.push(bytes.subarray(start, end))
    start = end
  }
  return lines
}
