import { hashOf } from '../../domain/hash.ts'
import { REDACTION_TYPE, RedactionReceipt } from '../../domain/redaction.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { parseData } from '../../domain/run/events.ts'
import type { OpenEnvelope } from '../ports.ts'
import { intendedFault, settledFault } from './effect-facts.ts'
import {
  carriedFault,
  claimFault,
  deliveryFault,
  issuedFault,
  requestedFault,
  reuseFault,
  usedFault,
} from './grant-facts.ts'
import { envelopeAt } from './named-blobs.ts'
import type { EvidenceFault, OpenedEvidence } from './open-bundle.ts'
import { type About, type Audit, type Check, keyFault, newAudit, openSigned } from './signed-audit.ts'

export type SignedFacts = { readonly effectReceipts: number; readonly grants: number; readonly stepReceipts: number }

/**
 * Checks every signature of a run and what it binds: effects, Grants, deliveries, approvals. It rests on the events alone and
 * not on the rules that made them, so that a rule gone wrong is seen as well.
 */
export function auditSignatures(bundle: OpenedEvidence, open: OpenEnvelope): SignedFacts | EvidenceFault {
  const audit = newAudit(bundle, open)
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
