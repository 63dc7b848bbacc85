import { decodeBase85Line } from './base85.ts'
import { concatBytes } from './bytes.ts'
import { MAX_FILE_BYTES, type PatchBody } from './file-patch.ts'
import { lineStarts, MalformedPatch, type PatchReader, takeLine, takePlainHeader } from './patch-reader.ts'

/** Undoes zlib: exactly `size` bytes and nothing left over, or undefined. Injected, because the core has no zlib. */
export type Inflate = (deflated: Uint8Array, size: number) => Uint8Array | undefined

/** What follows `GIT binary patch`: the new content, and mostly the way back, which must decode but is not used. */
export function parseBinary(reader: PatchReader, inflate: Inflate): PatchBody {
  const forward = takeContent(reader, inflate)
  if (lineStarts(reader, 'literal ') || lineStarts(reader, 'delta ')) takeContent(reader, inflate)
  return forward
}

function takeContent(reader: PatchReader, inflate: Inflate): PatchBody {
  const { line } = reader
  const match = /^(literal|delta) (\d{1,10})$/.exec(takePlainHeader(reader))
  if (match === null) throw new MalformedPatch(line, '"literal SIZE" or "delta SIZE" is expected here')
  const size = Number(match[2])
  if (size > MAX_FILE_BYTES)
    throw new MalformedPatch(line, `binary content of ${size} bytes, the limit is ${MAX_FILE_BYTES}`)
  const bytes = inflate(takeBase85(reader), size)
  if (bytes?.length !== size) throw new MalformedPatch(line, `the binary content does not inflate to ${size} bytes`)
  return match[1] === 'literal' ? { is: 'literal', bytes } : { is: 'delta', delta: bytes }
}

function takeBase85(reader: PatchReader): Uint8Array {
  const parts: Uint8Array[] = []
  for (let raw = takeDataLine(reader); raw.length > 0; raw = takeDataLine(reader)) {
    const bytes = decodeBase85Line(raw)
    if (bytes === undefined) throw new MalformedPatch(reader.line - 1, 'a line of binary content is not base85')
    parts.push(bytes)
  }
  return concatBytes(parts)
}

function takeDataLine(reader: PatchReader): Uint8Array {
  const raw = takeLine(reader)
  if (raw === undefined) throw new MalformedPatch(reader.line, 'the patch ends in the middle of binary content')
  return raw.subarray(0, -1)
}
