import { hashOf, type Sha256 } from '../../domain/hash.ts'
import { readDocument } from '../../domain/packs/documents.ts'
import { EFFECT_RECEIPT_TYPE, EffectReceipt } from '../../domain/receipt.ts'
import { effectKey, IntendedEffects, nameOfIntended } from '../../domain/run/coordinator.ts'
import type { EventData } from '../../domain/run/events.ts'
import { grantFault } from './grant-facts.ts'
import { envelopeAt, tried } from './named-blobs.ts'
import { type About, type Audit, type Check, keyFault, openSigned } from './signed-audit.ts'

export const intendedFault: Check<'EffectsIntended'> = (audit, data, { event }) => {
  const { evidence, documents, erased } = audit.bundle
  if (erased.has(data.effects)) {
    for (let ordinal = 0; ordinal < data.count; ordinal += 1)
      audit.intended.set(effectKey(evidence.run, event.seq, ordinal), null)
    return undefined
  }
  const document = tried(() => readDocument(documents, data.effects, IntendedEffects))
  if (document?.effects.length !== data.count) return 'the intended effects are not those that the document holds'
  for (const [ordinal, effect] of document.effects.entries())
    audit.intended.set(effectKey(evidence.run, event.seq, ordinal), {
      kind: effect.kind,
      intended: nameOfIntended(document, effect),
    })
  return undefined
}

export const settledFault: Check<'EffectSettled'> = (audit, data, about) => {
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
  const told = { key: data.key, effect: data.effect, attempts: data.attempts, intended, result }
  const stated = new Map<string, unknown>(Object.entries(receipt))
  return Object.entries(told).every(([member, value]) => stated.get(member) === value)
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
