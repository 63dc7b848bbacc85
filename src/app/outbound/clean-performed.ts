import { type Sha256, sha256Hex } from '../../domain/hash.ts'
import { type NewBlob, textStart } from '../../domain/packs/documents.ts'
import { concatBytes, fromUtf8, toUtf8 } from '../../domain/patch/bytes.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import { namesIn } from '../blob-names.ts'

type Performed = { readonly result: unknown; readonly blobs: readonly NewBlob[] }

/**
 * What a performer brought back, before any of it is on record: each document that the result names loses the secrets in
 * it, and is named by what is left. The bytes of files stay; they are for the gate `secrets`.
 */
export function cleanPerformed(filter: SecretFilter, { result, blobs }: Performed): Performed {
  const said = filter.json(JSON.stringify(result))
  const named = new Set(namesIn(JSON.parse(said)))
  const renamed = new Map<Sha256, Sha256>()
  const cleaned = blobs.map((blob) => {
    if (!named.has(blob.sha256)) return blob
    const clean = cleanDocument(filter, blob)
    if (clean.sha256 !== blob.sha256) renamed.set(blob.sha256, clean.sha256)
    return clean
  })
  if (renamed.size === 0) return { result: JSON.parse(said), blobs: cleaned }
  const text = said.replaceAll(/[0-9a-f]{64}/g, (name) => renamed.get(name) ?? name)
  return { result: JSON.parse(text), blobs: cleaned }
}

function cleanDocument(filter: SecretFilter, blob: NewBlob): NewBlob {
  const start = textStart(blob.bytes)
  const text = start === undefined ? undefined : fromUtf8(blob.bytes.subarray(start))
  const clean = text === undefined ? undefined : filter.json(text)
  if (clean === undefined || clean === text) return blob
  const bytes = concatBytes([blob.bytes.subarray(0, start), toUtf8(clean)])
  return { sha256: sha256Hex(bytes), bytes }
}
