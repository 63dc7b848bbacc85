import type { ControllerKey } from '../domain/evidence.ts'
import type { Instant } from '../domain/ids.ts'
import { KEYS_STREAM } from '../domain/key-history.ts'
import type { TreeHead } from '../domain/merkle.ts'
import { faultInEffects } from './audit-effects.ts'
import { auditLedger } from './audit-ledger.ts'
import { faultInTail, openKept } from './kept-checkpoint.ts'
import type { Snapshot, StoreAtOnce } from './ledger.ts'
import type { OpenEnvelope } from './ports.ts'
import { auditBlobs } from './privacy/audit-blobs.ts'
import { faultInKeyStream } from './signing-keys.ts'

export type StoreAudit =
  | {
      readonly valid: true
      readonly streams: number
      readonly events: number
      readonly blobs: number
      readonly erased: number
      /** The newest events, which no checkpoint covers that is kept beside the log. */
      readonly unsigned: number
    }
  | { readonly valid: false; readonly fault: string }

export type StoreTrust = {
  readonly open: OpenEnvelope
  /** A checkpoint that was kept elsewhere, where there is one. */
  readonly checkpoint: TreeHead | null
  /** By whose word an erasure and the checkpoint beside the log are believed. */
  readonly keys: (ledger: StoreAtOnce['ledger']) => Promise<readonly ControllerKey[]>
  readonly now: Instant
}

/**
 * Everything that can be seen of a store that was changed behind the program's back, while servers may be at work; what
 * cannot be read is a fault.
 */
export async function auditStore(snapshot: Snapshot, trust: StoreTrust): Promise<StoreAudit> {
  try {
    return await snapshot((store) => auditAtOnce(store, trust))
  } catch (error) {
    if (!isUnreadable(error)) throw error
    const isShape = error.name === 'ZodError'
    return { valid: false, fault: isShape ? 'an event does not hold what its type says' : error.message }
  }
}

async function auditAtOnce(store: StoreAtOnce, trust: StoreTrust): Promise<StoreAudit> {
  const { ledger } = store
  const trusted = await trust.keys(ledger)
  const kept = openKept(await store.checkpoints.newest(), { open: trust.open, trusted })
  if (!kept.ok) return { valid: false, fault: kept.refusal }
  const audit = await auditLedger(
    ledger,
    [trust.checkpoint, kept.value].filter((one) => one !== null),
  )
  if (!audit.valid) return audit
  const blobs = await auditBlobs({ ledger }, { open: trust.open, keys: trusted })
  if (!blobs.valid) return blobs
  const fault =
    faultInKeyStream(await ledger.read(KEYS_STREAM), trust.open) ??
    (await faultInEffects(store)) ??
    faultInTail(audit.events, kept.value, trust.now)
  const unsigned = Math.max(0, audit.events - (kept.value?.size ?? 0))
  return fault === undefined ? { ...audit, ...blobs, unsigned } : { valid: false, fault }
}

/** Whether what was thrown says that the record itself cannot be read. */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof Error && UNREADABLE.has(error.name)
}

const UNREADABLE: ReadonlySet<string> = new Set(['BrokenRecord', 'UnknownEvent', 'LedgerCorrupt', 'ZodError'])
