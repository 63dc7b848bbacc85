import type { ObjectId } from '../domain/hash.ts'

export type ReadBlob = (blob: ObjectId) => Uint8Array | undefined
type Load = (blobs: readonly ObjectId[]) => Promise<ReadonlyMap<ObjectId, Uint8Array>>

const MAX_ROUNDS = 30

/**
 * Asks a pure question about files that are not all here: what it reads in vain is fetched, and it is asked again, until
 * it has read everything that it wants. A blob that cannot be had stays unread.
 */
export async function settleReads<T>(load: Load, here: ReadBlob, ask: (read: ReadBlob) => T): Promise<T> {
  const fetched = new Map<ObjectId, Uint8Array | undefined>()
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const wanted = new Set<ObjectId>()
    const answer = ask((blob) => {
      const bytes = here(blob) ?? fetched.get(blob)
      if (bytes === undefined && !fetched.has(blob)) wanted.add(blob)
      return bytes
    })
    if (wanted.size === 0) return answer
    const loaded = await load([...wanted])
    for (const blob of wanted) fetched.set(blob, loaded.get(blob))
  }
  throw new Error(`the files to be read still grow after ${MAX_ROUNDS} rounds`)
}
