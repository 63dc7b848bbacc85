import type { Sha256 } from '../../domain/hash.ts'
import type { EffectKey, Instant, RunId } from '../../domain/ids.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { effectKey, IntendedEffects } from '../../domain/run/coordinator.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { parseData } from '../../domain/run/events.ts'
import type { EffectStatus, ListedEffect } from '../ledger.ts'

/** One side effect by its key: what the log intends, what the queue says of it, and what came of it. */
export type EffectView = {
  readonly key: EffectKey
  /** Null where the document that tells it was erased. */
  readonly kind: string | null
  readonly intendedBy: { readonly seq: number; readonly hash: Sha256 }
  /** `unlisted`: the log intends it and the queue does not know it. */
  readonly status: EffectStatus | 'unlisted'
  readonly attempts: number
  readonly dueAt: Instant | null
  readonly reason: string | null
  readonly settledBy: { readonly seq: number; readonly hash: Sha256; readonly at: Instant } | null
  readonly receipt: Sha256 | null
  readonly result: unknown
}

type Told = {
  readonly run: RunId
  readonly events: readonly EventEnvelope[]
  readonly documents: Documents
  readonly listed: readonly ListedEffect[]
}

export function effectViews({ run, events, documents, listed }: Told): readonly EffectView[] {
  const settled = settlements(events)
  const queued = new Map(listed.map((effect) => [effect.key, effect]))
  return events
    .filter((event) => event.type === 'EffectsIntended')
    .flatMap((event) =>
      kindsIn(event, documents).map((kind, ordinal) => {
        const key = effectKey(run, event.seq, ordinal)
        const row = queued.get(key)
        return {
          key,
          kind: kind ?? row?.type ?? null,
          intendedBy: { seq: event.seq, hash: event.hash },
          ...standingOf(row),
          ...(settled.get(key) ?? UNSETTLED),
        }
      }),
    )
}

function standingOf(row: ListedEffect | undefined): Pick<EffectView, 'status' | 'attempts' | 'dueAt' | 'reason'> {
  if (row === undefined) return { status: 'unlisted', attempts: 0, dueAt: null, reason: null }
  const { status, attempts, dueAt, reason } = row
  return { status, attempts, dueAt, reason }
}

type Settlement = Pick<EffectView, 'settledBy' | 'receipt' | 'result'> &
  Partial<Pick<EffectView, 'attempts' | 'reason'>>

const UNSETTLED: Settlement = { settledBy: null, receipt: null, result: null }

function settlements(events: readonly EventEnvelope[]): ReadonlyMap<EffectKey, Settlement> {
  return new Map(events.flatMap(settlementIn))
}

function settlementIn(event: EventEnvelope): readonly (readonly [EffectKey, Settlement])[] {
  const settledBy = { seq: event.seq, hash: event.hash, at: event.at }
  if (event.type === 'TimerFired') return [[parseData(event.type, event.data).key, { ...UNSETTLED, settledBy }]]
  if (event.type !== 'EffectSettled') return []
  const { key, outcome, attempts } = parseData(event.type, event.data)
  if (outcome.is === 'failed') return [[key, { ...UNSETTLED, settledBy, attempts, reason: outcome.because }]]
  return [[key, { settledBy, attempts, reason: null, receipt: outcome.receipt, result: outcome.result }]]
}

function kindsIn(event: EventEnvelope, documents: Documents): readonly (string | null)[] {
  const { effects, count } = parseData('EffectsIntended', event.data)
  if (documents(effects) === undefined) return Array.from({ length: count }, () => null)
  return readDocument(documents, effects, IntendedEffects).effects.map(({ kind }) => kind)
}
