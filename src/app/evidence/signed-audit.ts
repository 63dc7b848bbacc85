import type { Envelope } from '../../domain/dsse.ts'
import type { Grant } from '../../domain/grant.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import type { EventData, RunEventType } from '../../domain/run/events.ts'
import type { OpenEnvelope } from '../ports.ts'
import { openStatement } from '../runner/statements.ts'
import { faultInSigning, type OpenedEvidence } from './open-bundle.ts'
import type { Claimed, HandedOver } from './reuse-facts.ts'

/** What was checked so far of a run, in the order of its events. */
export type Audit = {
  readonly bundle: OpenedEvidence
  readonly open: OpenEnvelope
  /** Null where the document that tells them was erased: what was intended is then the receipt’s word alone. */
  readonly intended: Map<string, { readonly kind: string; readonly intended: Sha256 } | null>
  readonly settled: Set<string>
  readonly issued: Map<string, EventData<'GrantIssued'>>
  readonly signed: Map<string, Grant>
  readonly claimed: Map<string, Claimed>
  /** Accepted hand-overs by the hash of their delivery. */
  readonly handedOver: Map<Sha256, HandedOver>
  /** Deliveries that a commit may rest on: those of jobs to execute, and the dry run that stands for one. */
  readonly executed: Set<Sha256>
  frozen: EventData<'PlanFrozen'> | null
  proposed: EventData<'PlanProposed'> | null
  approvals: EventData<'RunApproved'>['approvals']
  /** What was approved before a rebase, and the plan that those approvals were carried over to. */
  before: (Pick<EventData<'RunRebased'>, 'from'> & Pick<EventData<'RunApproved'>, 'approvals'>) | null
  carriedTo: Sha256 | null
  effectReceipts: number
  stepReceipts: number
}

/** What is wrong with an event of one type, after those before it. */
export type Check<T extends RunEventType> = (audit: Audit, data: EventData<T>, about: About) => string | undefined
/** The event under check, and whether the decision behind it took it or turned it down. */
export type About = { readonly event: EventEnvelope; readonly declined: boolean }

/** An audit before the first event of a run. */
export function newAudit(bundle: OpenedEvidence, open: OpenEnvelope): Audit {
  return {
    bundle,
    open,
    intended: new Map(),
    settled: new Set(),
    issued: new Map(),
    signed: new Map(),
    claimed: new Map(),
    handedOver: new Map(),
    executed: new Set(),
    frozen: null,
    proposed: null,
    approvals: [],
    before: null,
    carriedTo: null,
    effectReceipts: 0,
    stepReceipts: 0,
  }
}

/** What the controller signed, by the keys that the evidence names and the reader trusts. */
export function openSigned<T>(
  audit: Audit,
  envelope: Envelope,
  type: string,
  schema: Parameters<typeof openStatement<T>>[3],
): T | undefined {
  const publicKey = audit.bundle.keys.get(envelope.signatures[0].keyid)?.[0].publicKey
  return publicKey === undefined ? undefined : openStatement(audit.open, { envelope, publicKey }, type, schema)
}

/** A signature counts only where its key was the controller's at the position of the event that brought it in. */
export function keyFault(audit: Audit, envelope: Envelope | undefined, { event }: About): string | undefined {
  return envelope === undefined ? undefined : faultInSigning(audit.bundle, envelope.signatures[0].keyid, event.seq)
}
