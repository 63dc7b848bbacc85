import { KEYS_STREAM } from '../domain/key-history.ts'
import type { TreeHead } from '../domain/merkle.ts'
import { faultInEffects } from './audit-effects.ts'
import { auditLedger } from './audit-ledger.ts'
import type { EffectQueue, Ledger, Projections } from './ledger.ts'
import { auditBlobs } from './privacy/audit-blobs.ts'
import { faultInKeyStream } from './signing-keys.ts'

/** A store as it is found, to be looked at and not to be changed. */
export type AuditedStore = {
  readonly ledger: Pick<Ledger, 'read' | 'positions' | 'streams' | 'log' | 'blobs'>
  readonly queue: Pick<EffectQueue, 'list'>
  readonly projections: Pick<Projections, 'streams'>
}

export type StoreAudit =
  | {
      readonly valid: true
      readonly streams: number
      readonly events: number
      readonly blobs: number
      readonly erased: number
    }
  | { readonly valid: false; readonly fault: string }

/** A checkpoint that was kept elsewhere, where there is one, and the keys by which an erasure is believed. */
export type StoreTrust = Parameters<typeof auditBlobs>[1] & { readonly checkpoint: TreeHead | null }

/** Everything that can be seen of a store that was changed behind the program's back; what cannot be read is a fault. */
export async function auditStore(store: AuditedStore, { checkpoint, ...trust }: StoreTrust): Promise<StoreAudit> {
  try {
    const audit = await auditLedger(store.ledger, checkpoint)
    if (!audit.valid) return audit
    const blobs = await auditBlobs(store, trust)
    if (!blobs.valid) return blobs
    const fault = faultInKeyStream(await store.ledger.read(KEYS_STREAM), trust.open) ?? (await faultInEffects(store))
    return fault === undefined ? { ...audit, ...blobs } : { valid: false, fault }
  } catch (error) {
    if (!isUnreadable(error)) throw error
    const isShape = error.name === 'ZodError'
    return { valid: false, fault: isShape ? 'an event does not hold what its type says' : error.message }
  }
}

/** Whether what was thrown says that the record itself cannot be read. */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof Error && UNREADABLE.has(error.name)
}

const UNREADABLE: ReadonlySet<string> = new Set(['BrokenRecord', 'UnknownEvent', 'LedgerCorrupt', 'ZodError'])
