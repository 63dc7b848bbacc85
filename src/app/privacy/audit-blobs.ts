import type { ControllerKey } from '../../domain/evidence.ts'
import { hashOf, type Sha256 } from '../../domain/hash.ts'
import { faultInSpan } from '../../domain/key-history.ts'
import type { Documents } from '../../domain/packs/documents.ts'
import { BLOB_REDACTED, REDACTION_TYPE, Redacted, RedactionReceipt, redactedIn } from '../../domain/redaction.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { blobsNamedBy, envelopeAt } from '../evidence/named-blobs.ts'
import type { Ledger } from '../ledger.ts'
import type { OpenEnvelope } from '../ports.ts'
import { openStatement } from '../runner/statements.ts'

export type BlobAudit =
  | { readonly valid: true; readonly blobs: number; readonly erased: number }
  | { readonly valid: false; readonly fault: string }

type Audited = { readonly ledger: Pick<Ledger, 'read' | 'streams' | 'blobs' | 'positions'> }
/** By whose keys an erasure is believed. */
type Trusting = { readonly open: OpenEnvelope; readonly keys: readonly ControllerKey[] }

/**
 * Every blob that a stream names is there, or an event with the controller's signed word says that it was erased. A
 * blob that is merely gone is a fault, and so is an erasure that none of the keys signed while it was the controller's.
 */
export async function auditBlobs({ ledger }: Audited, { open, keys }: Trusting): Promise<BlobAudit> {
  let [blobs, erased] = [0, 0]
  for (const stream of await ledger.streams('')) {
    const events = await ledger.read(stream)
    const redacted = redactedIn(events)
    const named = [...new Set(events.flatMap(blobsNamedBy))]
    const found = await ledger.blobs(named)
    const missing = named.find((sha256) => !found.has(sha256) && !redacted.has(sha256))
    const gone = `${stream} names blob ${missing ?? ''}, which is gone, and no event says that it was erased`
    if (missing !== undefined) return { valid: false, fault: gone }
    const telling = events.filter(({ type }) => type === BLOB_REDACTED)
    if (telling.length > 0) {
      const positions = await ledger.positions(stream)
      const vouched = { open, keys, documents: (sha256: Sha256) => found.get(sha256) }
      const [fault] = telling.flatMap((event) => faultInErasure(event, positions[event.seq - 1] ?? null, vouched) ?? [])
      if (fault !== undefined) return { valid: false, fault }
    }
    blobs += named.length
    erased += redacted.size
  }
  return { valid: true, blobs, erased }
}

type Vouched = { readonly open: OpenEnvelope; readonly keys: readonly ControllerKey[]; readonly documents: Documents }

function faultInErasure(
  { stream, data, by, at, seq }: EventEnvelope,
  position: number | null,
  { open, keys, documents }: Vouched,
): string | undefined {
  const place = `${stream}@${seq}`
  const parsed = Redacted.safeParse(data)
  if (!parsed.success) return `${place} tells of an erasure and does not have its form`
  const { receipt, ...told } = parsed.data
  const envelope = envelopeAt(documents, receipt)
  const key = keys.find(({ keyid }) => keyid === envelope?.signatures[0].keyid)
  if (envelope === undefined || key === undefined)
    return `${place} tells of an erasure that no known key signed: name the controller’s keys (--trust)`
  const untimely = faultInSpan(key, position)
  if (untimely !== undefined) return `${place} tells of an erasure that does not count: ${untimely}`
  const stated = openStatement(open, { envelope, publicKey: key.publicKey }, REDACTION_TYPE, RedactionReceipt)
  return stated !== undefined && hashOf(stated) === hashOf({ v: 1, stream, ...told, by, at })
    ? undefined
    : `${place} tells of another erasure than the controller signed`
}
