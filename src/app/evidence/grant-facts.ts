import { GRANT_TYPE, Grant } from '../../domain/grant.ts'
import { hashOf, type Sha256 } from '../../domain/hash.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { Draft, Plan, type Step } from '../../domain/packs/plan.ts'
import { isSameButBase } from '../../domain/run/decide/rebase.ts'
import { verifyDelivery } from '../runner/verify-delivery.ts'
import { envelopeAt, tried } from './named-blobs.ts'
import { faultInReuse, type HandedOver } from './reuse-facts.ts'
import { type About, type Audit, type Check, keyFault, openSigned } from './signed-audit.ts'

export const issuedFault: Check<'GrantIssued'> = (audit, data) => {
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
export const carriedFault: Check<'ApprovalsCarried'> = (audit, { approvals, from, to, diffSha256 }) => {
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

export const claimFault: Check<'GrantClaimed'> = (audit, data, about) =>
  about.declined ? undefined : grantFault(audit, data.envelope, about)

/** A signed Grant is, word for word, the document that the run decided to issue. */
export function grantFault(audit: Audit, sha256: Sha256, about: About): string | undefined {
  const envelope = envelopeAt(audit.bundle.documents, sha256)
  const grant = envelope === undefined ? undefined : openSigned(audit, envelope, GRANT_TYPE, Grant)
  if (grant === undefined) return 'the Grant is not signed by the controller'
  const untimely = keyFault(audit, envelope, about)
  if (untimely !== undefined) return `Grant ${grant.id} does not count: ${untimely}`
  if (audit.issued.get(grant.id)?.grant !== hashOf(grant)) return `Grant ${grant.id} is not the one that was issued`
  audit.signed.set(grant.id, grant)
  return undefined
}

export const usedFault: Check<'GrantUsed'> = (audit, data, { event }) => {
  if (audit.claimed.has(data.id)) return `Grant ${data.id} was used before`
  if (!audit.signed.has(data.id)) return `no signed Grant ${data.id} came before its use`
  audit.claimed.set(data.id, { runnerKey: data.runnerKey, job: data.job, at: event.at })
  return undefined
}

export const deliveryFault: Check<'RunnerDelivered'> = (audit, data, { declined }) => {
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

export const reuseFault: Check<'DryRunReused'> = (audit, data, { event }) => {
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
export const requestedFault: Check<'DeliveryRequested'> = ({ executed }, data) =>
  executed.has(data.delivery)
    ? undefined
    : 'a delivery was asked for that nothing executed on an approval stands behind'

function stepsOf(documents: Documents, { subject }: Grant): readonly Step[] | undefined {
  if (subject.is === 'plan') return tried(() => readDocument(documents, subject.hash, Plan).steps)
  return tried(() => readDocument(documents, subject.hash, Draft).steps)
}
