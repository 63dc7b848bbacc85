import type { Ledger } from '../../app/ledger.ts'
import type { Sha256 } from '../../domain/hash.ts'
import { BLOB_REDACTED } from '../../domain/redaction.ts'

/** Larger blobs are read each time: they are files and outputs, which are asked for once. */
const MOST_BYTES_EACH = 1_048_576
const MOST_BYTES = 64 * 1_048_576

/**
 * The same ledger, with the blobs that were read of late kept in memory: a run's every step reads all that its events
 * name, and a blob never changes under its name. `forget` is called whenever blobs were erased, by whichever process: then
 * nothing stays, and nothing is kept of what was being read meanwhile.
 */
export function rememberedBlobs(
  ledger: Ledger,
  mostBytes: number = MOST_BYTES,
): { readonly ledger: Ledger; readonly forget: () => void } {
  const { get, keep, clear } = recentBlobs(mostBytes)
  let forgotten = 0
  const forget = () => {
    forgotten += 1
    clear()
  }
  const blobs = async (wanted: readonly Sha256[]): Promise<ReadonlyMap<Sha256, Uint8Array>> => {
    const found = new Map<Sha256, Uint8Array>()
    for (const sha256 of new Set(wanted)) {
      const bytes = get(sha256)
      if (bytes !== undefined) found.set(sha256, bytes)
    }
    const before = forgotten
    const read = await ledger.blobs(wanted.filter((sha256) => !found.has(sha256)))
    for (const [sha256, bytes] of read) {
      if (before === forgotten) keep(sha256, bytes)
      found.set(sha256, bytes)
    }
    return found
  }
  const remembering: Ledger = {
    ...ledger,
    blobs,
    blob: async (sha256) => (await blobs([sha256])).get(sha256),
    async append(append) {
      const outcome = await ledger.append(append)
      if (append.events.some(({ type }) => type === BLOB_REDACTED)) forget()
      return outcome
    },
  }
  return { ledger: remembering, forget }
}

/** The least recently used goes first: a Map keeps the order in which its entries were set. */
function recentBlobs(mostBytes: number) {
  const kept = new Map<Sha256, Uint8Array>()
  let held = 0
  const forget = (sha256: Sha256) => {
    held -= kept.get(sha256)?.length ?? 0
    kept.delete(sha256)
  }
  const keep = (sha256: Sha256, bytes: Uint8Array) => {
    if (bytes.length > MOST_BYTES_EACH) return
    forget(sha256)
    kept.set(sha256, bytes)
    held += bytes.length
    for (const oldest of kept.keys()) {
      if (held <= mostBytes) break
      forget(oldest)
    }
  }
  const get = (sha256: Sha256) => {
    const bytes = kept.get(sha256)
    if (bytes !== undefined) keep(sha256, bytes)
    return bytes
  }
  const clear = () => {
    kept.clear()
    held = 0
  }
  return { get, keep, clear }
}
