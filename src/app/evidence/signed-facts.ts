import type { Envelope } from '../../domain/dsse.ts'
import { GRANT_TYPE, Grant } from '../../domain/grant.ts'
import { hashOf, type Sha256 } from '../../domain/hash.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { Draft, Plan, type Step } from '../../domain/packs/plan.ts'
import { EFFECT_RECEIPT_TYPE, EffectReceipt } from '../../domain/receipt.ts'
import { REDACTION_TYPE, RedactionReceipt } from '../../domain/redaction.ts'
import { effectKey, IntendedEffects } from '../../domain/run/coordinator.ts'
import { isSameButBase } from '../../domain/run/decide/rebase.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { type EventData, parseData, type RunEventType } from '../../domain/run/events.ts'
import type { OpenEnvelope } from '../ports.ts'
import { openStatement } from '../runner/statements.ts'
import { verifyDelivery } from '../runner/verify-delivery.ts'
import { envelopeAt, tried } from './named-blobs.ts'
import { type EvidenceFault, faultInSigning, type OpenedEvidence } from './open-bundle.ts'
import { type Claimed, faultInReuse, type HandedOver } from './reuse-facts.ts'

export type SignedFacts = { readonly effectReceipts: number; readonly grants: number; readonly stepReceipts: number }

/** What was checked so far of a run, in the order of its events. */
type Audit = {
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

type Check<T extends RunEventType> = (audit: Audit, data: EventData<T>, about: About) => string | undefined
/** The event under check, and whether the decision behind it took it or turned it down. */
type About = { readonly event: EventEnvelope; readonly declined: boolean }

/**
 * Checks every signature of a run and what it binds: effects, Grants, deliveries, approvals. It rests on the events alone and
 * not on the rules that made them, so that a rule gone wrong is seen as well.
 */
export function auditSignatures(bundle: OpenedEvidence, open: OpenEnvelope): SignedFacts | EvidenceFault {
  const audit: Audit = {
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
  const { events } = bundle.evidence
  for (const [index, event] of events.entries()) {
    const because = faultIn(audit, event, { event, declined: isDeclined(events, index) })
    if (because !== undefined) return { fault: because, where: `${event.stream}@${event.seq}` }
  }
  return { effectReceipts: audit.effectReceipts, grants: audit.signed.size, stepReceipts: audit.stepReceipts }
}

function isDeclined(events: readonly EventEnvelope[], index: number): boolean {
  const cause = events[index]?.hash
  return events.slice(index + 1, index + 3).some((event) => event.type === 'ClaimDeclined' && event.cause === cause)
}

function faultIn(audit: Audit, event: EventEnvelope, about: About): string | undefined {
  switch (event.type) {
    case 'EffectsIntended':
      return intendedFault(audit, parseData('EffectsIntended', event.data), about)
    case 'EffectSettled':
      return settledFault(audit, parseData('EffectSettled', event.data), about)
    case 'GrantIssued':
      return issuedFault(audit, parseData('GrantIssued', event.data), about)
    case 'GrantClaimed':
      return claimFault(audit, parseData('GrantClaimed', event.data), about)
    case 'GrantUsed':
      return usedFault(audit, parseData('GrantUsed', event.data), about)
    case 'RunnerDelivered':
      return deliveryFault(audit, parseData('RunnerDelivered', event.data), about)
    case 'DryRunReused':
      return reuseFault(audit, parseData('DryRunReused', event.data), about)
    case 'DeliveryRequested':
      return requestedFault(audit, parseData('DeliveryRequested', event.data), about)
    case 'BlobRedacted':
      return redactedFault(audit, parseData('BlobRedacted', event.data), about)
    default:
      keepPlan(audit, event)
      return approvalFault(audit, event, about)
  }
}

/** Which plan there is at this point of the run; what was executed of one that a rebase made void counts no more. */
function keepPlan(audit: Audit, { type, data }: EventEnvelope): void {
  if (type === 'PlanFrozen') audit.frozen = parseData(type, data)
  if (type === 'PlanProposed') audit.proposed = parseData(type, data)
  if (type !== 'RunRebased') return
  audit.frozen = null
  audit.proposed = null
  audit.executed.clear()
}

/** What is approved at this point of the run. */
function approvalFault(audit: Audit, { type, data }: EventEnvelope, about: About): string | undefined {
  if (type === 'ApprovalsCarried') return carriedFault(audit, parseData(type, data), about)
  if (type === 'RunApproved') audit.approvals = parseData(type, data).approvals
  if (type === 'RunRebased') audit.before = { from: parseData(type, data).from, approvals: audit.approvals }
  if (type !== 'RunRebased' && type !== 'ApprovalVoided') return undefined
  audit.approvals = []
  audit.carriedTo = null
  return undefined
}

const intendedFault: Check<'EffectsIntended'> = (audit, data, { event }) => {
  const { evidence, documents, erased } = audit.bundle
  if (erased.has(data.effects)) {
    for (let ordinal = 0; ordinal < data.count; ordinal += 1)
      audit.intended.set(effectKey(evidence.run, event.seq, ordinal), null)
    return undefined
  }
  const document = tried(() => readDocument(documents, data.effects, IntendedEffects))
  if (document?.effects.length !== data.count) return 'the intended effects are not those that the document holds'
  for (const [ordinal, { kind, body }] of document.effects.entries())
    audit.intended.set(effectKey(evidence.run, event.seq, ordinal), { kind, intended: hashOf({ kind, body }) })
  return undefined
}

const settledFault: Check<'EffectSettled'> = (audit, data, about) => {
  const intended = audit.intended.get(data.key)
  if (intended !== null && intended?.kind !== data.effect)
    return `no event of this run intends ${data.effect} ${data.key}`
  if (audit.settled.has(data.key)) return `${data.key} was settled before`
  audit.settled.add(data.key)
  if (data.outcome.is === 'failed') return undefined
  const { receipt } = data.outcome
  return (
    receiptFault(audit, { data, receipt, intended: intended?.intended ?? null }, about) ??
    dispatchFault(audit, data, about)
  )
}

type Settled = {
  readonly data: EventData<'EffectSettled'>
  readonly receipt: Sha256
  readonly intended: Sha256 | null
}

function receiptFault(audit: Audit, { data, receipt: named, intended }: Settled, about: About): string | undefined {
  const envelope = envelopeAt(audit.bundle.documents, named)
  const receipt = envelope === undefined ? undefined : openSigned(audit, envelope, EFFECT_RECEIPT_TYPE, EffectReceipt)
  if (receipt === undefined) return `the receipt of ${data.key} is not signed by the controller`
  const untimely = keyFault(audit, envelope, about)
  if (untimely !== undefined) return `the receipt of ${data.key} does not count: ${untimely}`
  audit.effectReceipts += 1
  return isReceiptOf(receipt, data, intended ?? receipt.intended)
    ? undefined
    : `the receipt of ${data.key} is of another effect or result`
}

function isReceiptOf(receipt: EffectReceipt, data: EventData<'EffectSettled'>, intended: Sha256): boolean {
  const result = data.outcome.is === 'performed' ? hashOf(data.outcome.result) : null
  const attempts = receipt.budgets?.find(({ of }) => of === 'attempts')
  if (attempts !== undefined && attempts.settled !== receipt.attempts) return false
  const told = [receipt.key, receipt.effect, receipt.attempts, receipt.intended, receipt.result]
  return hashOf(told) === hashOf([data.key, data.effect, data.attempts, intended, result])
}

function dispatchFault(
  audit: Audit,
  { effect, outcome }: EventData<'EffectSettled'>,
  about: About,
): string | undefined {
  if (effect !== 'dispatch' || outcome.is === 'failed') return undefined
  const { result } = outcome
  const envelope =
    typeof result === 'object' && result !== null && 'envelope' in result ? result['envelope'] : undefined
  return typeof envelope === 'string' ? grantFault(audit, envelope, about) : 'the dispatch names no Grant'
}

const issuedFault: Check<'GrantIssued'> = (audit, data) => {
  if (audit.issued.has(data.id)) return `Grant ${data.id} was issued before`
  const grant = tried(() => readDocument(audit.bundle.documents, data.grant, Grant))
  if (grant?.id !== data.id || grant.purpose !== data.purpose) return 'the Grant is not the one that the event names'
  if (data.purpose === 'execute') {
    if (audit.approvals.length === 0) return 'a Grant to execute was issued without an approval before it'
    if (hashOf(grant.approvals) !== hashOf(audit.approvals)) return 'the Grant names other approvals than were given'
    if (audit.carriedTo !== null && grant.subject.hash !== audit.carriedTo)
      return 'the Grant is for another plan than the approvals were carried over to'
  }
  audit.issued.set(data.id, data)
  return undefined
}

/** Approvals count on after a rebase only where the two plans are the same in everything but their base. */
const carriedFault: Check<'ApprovalsCarried'> = (audit, { approvals, from, to, diffSha256 }) => {
  const { documents } = audit.bundle
  if (audit.before?.from.plan !== from) return 'approvals were carried over from a plan that no rebase made void'
  if (hashOf(audit.before.approvals) !== hashOf(approvals)) return 'other approvals were carried over than were given'
  const [one, other] = [from, to].map((sha256) => tried(() => readDocument(documents, sha256, Plan)))
  if (one === undefined || other === undefined) return 'the plans of carried approvals cannot be read'
  if (other.diffSha256 !== diffSha256 || !isSameButBase(one, other))
    return 'approvals were carried over to a plan that is not the approved one'
  audit.carriedTo = to
  return undefined
}

const claimFault: Check<'GrantClaimed'> = (audit, data, about) =>
  about.declined ? undefined : grantFault(audit, data.envelope, about)

/** A signed Grant is, word for word, the document that the run decided to issue. */
function grantFault(audit: Audit, sha256: Sha256, about: About): string | undefined {
  const envelope = envelopeAt(audit.bundle.documents, sha256)
  const grant = envelope === undefined ? undefined : openSigned(audit, envelope, GRANT_TYPE, Grant)
  if (grant === undefined) return 'the Grant is not signed by the controller'
  const untimely = keyFault(audit, envelope, about)
  if (untimely !== undefined) return `Grant ${grant.id} does not count: ${untimely}`
  if (audit.issued.get(grant.id)?.grant !== hashOf(grant)) return `Grant ${grant.id} is not the one that was issued`
  audit.signed.set(grant.id, grant)
  return undefined
}

const usedFault: Check<'GrantUsed'> = (audit, data, { event }) => {
  if (audit.claimed.has(data.id)) return `Grant ${data.id} was used before`
  if (!audit.signed.has(data.id)) return `no signed Grant ${data.id} came before its use`
  audit.claimed.set(data.id, { runnerKey: data.runnerKey, job: data.job, at: event.at })
  return undefined
}

const deliveryFault: Check<'RunnerDelivered'> = (audit, data, { declined }) => {
  if (declined) return undefined
  const runnerKey = audit.claimed.get(data.grant)?.runnerKey
  const grant = audit.signed.get(data.grant)
  if (runnerKey === undefined || grant === undefined) return `Grant ${data.grant} was delivered and never claimed`
  if (runnerKey !== data.runnerKey) return 'the delivery comes from another key than the one that claimed the Grant'
  const { documents } = audit.bundle
  const envelope = envelopeAt(documents, data.delivery)
  const receipts = data.receipts.map((sha256) => envelopeAt(documents, sha256)).filter((one) => one !== undefined)
  const steps = stepsOf(documents, grant)
  if (envelope === undefined || steps === undefined || receipts.length !== data.receipts.length)
    return 'the delivery cannot be read'
  const verified = verifyDelivery(audit.open, { grant, steps, runnerKey }, envelope, receipts)
  if (!verified.ok) return `${verified.refusal.because} [${verified.refusal.rule}]`
  audit.stepReceipts += receipts.length
  keepDelivery(audit, data.delivery, { grant, steps, delivery: verified.value.delivery })
  return undefined
}

function keepDelivery(audit: Audit, sha256: Sha256, handed: HandedOver): void {
  audit.handedOver.set(sha256, handed)
  const { grant, delivery } = handed
  const isExecution = grant.purpose === 'execute' && grant.subject.hash === audit.frozen?.plan
  if (isExecution && delivery.outcome.is === 'done') audit.executed.add(sha256)
}

const reuseFault: Check<'DryRunReused'> = (audit, data, { event }) => {
  const { frozen, proposed, approvals, carriedTo, issued, claimed, handedOver, executed } = audit
  const fault = faultInReuse(data, {
    documents: audit.bundle.documents,
    at: event.at,
    frozen,
    proposed,
    approvals,
    carriedTo,
    issued: issued.values(),
    claimed: claimed.get(data.dryRun),
    handedOver: handedOver.get(data.delivery),
    executed: executed.size > 0,
  })
  executed.add(data.delivery)
  return fault
}

/** A commit rests on what a job executed on the approval, or on the dry run that stands for it. */
const requestedFault: Check<'DeliveryRequested'> = ({ executed }, data) =>
  executed.has(data.delivery)
    ? undefined
    : 'a delivery was asked for that nothing executed on an approval stands behind'

/** A blob is erased by the controller's signed word, and by nothing else that an event may say. */
const redactedFault: Check<'BlobRedacted'> = (audit, { receipt, ...data }, about) => {
  const { stream, by, at } = about.event
  const envelope = envelopeAt(audit.bundle.documents, receipt)
  const stated = envelope === undefined ? undefined : openSigned(audit, envelope, REDACTION_TYPE, RedactionReceipt)
  if (stated === undefined) return 'the erasure is not signed by the controller'
  const untimely = keyFault(audit, envelope, about)
  if (untimely !== undefined) return `the erasure does not count: ${untimely}`
  return hashOf(stated) === hashOf({ v: 1, stream, ...data, by, at } satisfies RedactionReceipt)
    ? undefined
    : 'the controller signed another erasure than the event tells of'
}

function stepsOf(documents: Documents, { subject }: Grant): readonly Step[] | undefined {
  if (subject.is === 'plan') return tried(() => readDocument(documents, subject.hash, Plan).steps)
  return tried(() => readDocument(documents, subject.hash, Draft).steps)
}

function openSigned<T>(
  audit: Audit,
  envelope: Envelope,
  type: string,
  schema: Parameters<typeof openStatement<T>>[3],
): T | undefined {
  const publicKey = audit.bundle.keys.get(envelope.signatures[0].keyid)?.[0].publicKey
  return publicKey === undefined ? undefined : openStatement(audit.open, { envelope, publicKey }, type, schema)
}

/** A signature counts only where its key was the controller's at the position of the event that brought it in. */
function keyFault(audit: Audit, envelope: Envelope | undefined, { event }: About): string | undefined {
  return envelope === undefined ? undefined : faultInSigning(audit.bundle, envelope.signatures[0].keyid, event.seq)
}
