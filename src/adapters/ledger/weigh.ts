import { type AppendOutcome, AppendRefused, type EffectStatus, type Expectation } from '../../app/ledger.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import type { Prepared } from './prepare.ts'

export type Head = { readonly seq: number; readonly hash: string }
export type DeliveryStatus = 'waiting' | 'handled'

/** What the ledger says, read under its append lock, of everything a batch names. */
export type Standing = {
  readonly pos: number
  readonly heads: ReadonlyMap<string, Head>
  readonly effects: ReadonlyMap<string, EffectStatus>
  readonly deliveries: ReadonlyMap<string, DeliveryStatus>
}

export type Verdict = AppendOutcome | { readonly is: 'refused'; readonly error: AppendRefused }

type Running = {
  pos: number
  readonly heads: Map<string, Head>
  readonly effects: Map<string, EffectStatus>
  readonly deliveries: Map<string, DeliveryStatus>
}

/** Judges the appends of a batch one after the other, each on what those before it leave behind. */
export function weigh(batch: readonly Prepared[], standing: Standing): readonly Verdict[] {
  const running: Running = {
    pos: standing.pos,
    heads: new Map(standing.heads),
    effects: new Map(standing.effects),
    deliveries: new Map(standing.deliveries),
  }
  return batch.map((prepared) => objectionTo(prepared, running) ?? accept(prepared, running))
}

function objectionTo(prepared: Prepared, now: Running): Verdict | undefined {
  const { append } = prepared
  const moved = append.expect.find(({ stream, seq }) => (now.heads.get(stream)?.seq ?? 0) !== seq)
  if (moved !== undefined) return { is: 'moved', stream: moved.stream }
  const forked = append.expect.find((expected) => isFork(firstOf(append.events, expected), now))
  if (forked !== undefined) return refused(`${forked.stream} would fork behind ${forked.seq}`)
  return objectionToSettling(prepared, now) ?? objectionToConsuming(append.consumes, now)
}

function objectionToSettling({ append }: Prepared, now: Running): Verdict | undefined {
  const taken = append.effects.find(({ key }) => now.effects.has(key))
  if (taken !== undefined) return refused(`effect ${taken.key} already exists`)
  const unknown = (append.cancels ?? []).find((key) => !now.effects.has(key))
  if (unknown !== undefined) return refused(`there is no effect ${unknown} to cancel`)
  if (append.settles === undefined) return undefined
  const status = now.effects.get(append.settles)
  if (status === undefined) return refused(`there is no effect ${append.settles} to settle`)
  return status === 'done' ? { is: 'repeated', what: append.settles } : undefined
}

function objectionToConsuming(deliveryId: string | undefined, now: Running): Verdict | undefined {
  if (deliveryId === undefined) return undefined
  const status = now.deliveries.get(deliveryId)
  if (status === undefined) return refused(`there is no delivery ${deliveryId} to consume`)
  return status === 'handled' ? { is: 'repeated', what: deliveryId } : undefined
}

function accept({ append }: Prepared, now: Running): Verdict {
  const first = now.pos + 1
  now.pos += append.events.length
  for (const event of append.events) now.heads.set(event.stream, { seq: event.seq, hash: event.hash })
  for (const effect of append.effects) now.effects.set(effect.key, 'due')
  for (const key of append.cancels ?? []) if (now.effects.get(key) !== 'done') now.effects.set(key, 'abandoned')
  if (append.settles !== undefined) now.effects.set(append.settles, 'done')
  if (append.consumes !== undefined) now.deliveries.set(append.consumes, 'handled')
  return { is: 'appended', positions: append.events.length === 0 ? null : { first, last: now.pos } }
}

function firstOf(events: readonly EventEnvelope[], { stream }: Expectation): EventEnvelope | undefined {
  return events.find((event) => event.stream === stream)
}

function isFork(first: EventEnvelope | undefined, now: Running): boolean {
  return first !== undefined && first.prevHash !== (now.heads.get(first.stream)?.hash ?? null)
}

function refused(why: string): Verdict {
  return { is: 'refused', error: new AppendRefused(why) }
}
