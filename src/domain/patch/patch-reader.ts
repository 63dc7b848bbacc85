/** A place in the bytes of a patch; it only moves forward. */
export type PatchReader = { readonly bytes: Uint8Array; at: number; line: number }

/** Leaves the parser from any depth; `parsePatch` alone catches it and answers with a refusal. */
export class MalformedPatch extends Error {
  override readonly name = 'MalformedPatch'
  readonly line: number
  readonly because: string
  constructor(line: number, because: string) {
    super(`line ${line}: ${because}`)
    this.line = line
    this.because = because
  }
}

export function readPatch(bytes: Uint8Array): PatchReader {
  return { bytes, at: 0, line: 1 }
}

const LF = 10

/** The current line with its line feed; undefined at the end. */
export function peekLine(reader: PatchReader): Uint8Array | undefined {
  if (reader.at >= reader.bytes.length) return undefined
  const feed = reader.bytes.indexOf(LF, reader.at)
  if (feed === -1) throw new MalformedPatch(reader.line, 'the patch ends in the middle of a line')
  return reader.bytes.subarray(reader.at, feed + 1)
}

export function takeLine(reader: PatchReader): Uint8Array | undefined {
  const line = peekLine(reader)
  if (line === undefined) return undefined
  reader.at += line.length
  reader.line += 1
  return line
}

/** Whether the current line begins with these ASCII characters. */
export function lineStarts(reader: PatchReader, start: string): boolean {
  if (reader.at + start.length > reader.bytes.length) return false
  for (let i = 0; i < start.length; i += 1) {
    if (reader.bytes[reader.at + i] !== start.charCodeAt(i)) return false
  }
  return true
}

const MAX_HEADER_BYTES = 20_000

/** Takes a header line, without its line feed, as one character a byte, so that nothing is decoded too early. */
export function takeHeader(reader: PatchReader): string {
  const { line } = reader
  const bytes = takeLine(reader)
  if (bytes === undefined) throw new MalformedPatch(line, 'the patch ends in the middle of a file')
  if (bytes.length > MAX_HEADER_BYTES)
    throw new MalformedPatch(line, `a header is longer than ${MAX_HEADER_BYTES} bytes`)
  return toByteString(bytes.subarray(0, -1))
}

/** Like `takeHeader`, where a carriage return can only mean that someone converted the patch itself. */
export function takePlainHeader(reader: PatchReader): string {
  const { line } = reader
  const header = takeHeader(reader)
  if (header.includes('\r'))
    throw new MalformedPatch(line, 'a header holds a carriage return: the patch itself was converted')
  return header
}

function toByteString(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

export function fromByteString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i)
  return bytes
}
