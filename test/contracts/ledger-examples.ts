import { setTimeout as pause } from 'node:timers/promises'
import type { Append, Delivery, EffectQueue, Inbox, IntendedEffect, Ledger, Projections } from '../../src/app/ledger.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import type { EffectKey, Instant, StreamName } from '../../src/domain/ids.ts'
import { chain, type EventEnvelope, type Unplaced } from '../../src/domain/run/envelope.ts'

export type Store = {
  readonly ledger: Ledger
  readonly queue: EffectQueue
  readonly inbox: Inbox
  readonly projections: Projections
  readonly close: () => Promise<void>
}

export const RUN: StreamName = 'run/aaaaaaaaaa'
export const OTHER: StreamName = 'run/bbbbbbbbbb'
export const LOCKS: StreamName = 'locks/4711'

/** `at(90)` is a minute and a half after noon. */
export function at(seconds: number): Instant {
  return new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString()
}

export function observed(stream: StreamName, last?: EventEnvelope, data: Unplaced['data'] = {}): EventEnvelope {
  const [event] = chain(stream, last, [{ kind: 'input', type: 'ThingObserved', v: 1, data, by: 'test', at: at(0) }])
  if (event === undefined) throw new Error('chain made no event')
  return event
}

/** An event that says of blobs that they were erased. */
export function redacting(stream: StreamName, sha256s: readonly string[], last?: EventEnvelope): EventEnvelope {
  const blobs = sha256s.map((sha256) => ({ sha256, bytes: 1, holds: 'text' }))
  const data = { blobs, why: { is: 'retention', days: 1 }, receipt: 'a'.repeat(64) }
  const [event] = chain(stream, last, [{ kind: 'input', type: 'BlobRedacted', v: 1, data, by: 'test', at: at(0) }])
  if (event === undefined) throw new Error('chain made no event')
  return event
}

/** An append of events that continue their streams, expecting just that. */
export function recording(events: readonly EventEnvelope[], more: Partial<Append> = {}): Append {
  const firsts = events.filter((event, i) => events.findIndex(({ stream }) => stream === event.stream) === i)
  return {
    expect: firsts.map(({ stream, seq }) => ({ stream, seq: seq - 1 })),
    events,
    effects: [],
    blobs: [],
    ...more,
  }
}

export function keyOf(stream: StreamName, seq: number, ordinal: number): EffectKey {
  return `${stream.slice(stream.indexOf('/') + 1)}/${seq}/${ordinal}`
}

export function comment(event: EventEnvelope, ordinal: number, dueAt: Instant | null = null): IntendedEffect {
  const key = keyOf(event.stream, event.seq, ordinal)
  return { key, stream: event.stream, type: 'comment', body: { text: `${ordinal}` }, dueAt }
}

export function delivery(id: string, more: Partial<Delivery> = {}): Delivery {
  const payload = new TextEncoder().encode(`{"id":"${id}"}`)
  return {
    deliveryId: id,
    repository: '4711',
    event: 'issue_comment',
    semanticKey: `comment/${id}`,
    payload,
    receivedAt: at(0),
    ...more,
  }
}

export function blob(text: string): { readonly sha256: string; readonly bytes: Uint8Array } {
  const bytes = new TextEncoder().encode(text)
  return { sha256: sha256Hex(bytes), bytes }
}

/** Records an event in `stream`, whatever stands there, with effects that `ordinals` number. */
export async function given(store: Store, stream: StreamName, effects: readonly (Instant | null)[] = []) {
  const past = await store.ledger.read(stream)
  const event = observed(stream, past.at(-1))
  const asked = effects.map((dueAt, ordinal) => comment(event, ordinal, dueAt))
  const outcome = await store.ledger.append(recording([event], { effects: asked }))
  if (outcome.is !== 'appended') throw new Error(`not appended: ${outcome.is}`)
  return { event, effects: asked, keys: asked.map(({ key }) => key) }
}

/** Records the outcome of an effect in its stream. */
export async function settled(store: Store, stream: StreamName, key: EffectKey): Promise<void> {
  const past = await store.ledger.read(stream)
  const outcome = await store.ledger.append(recording([observed(stream, past.at(-1))], { settles: key }))
  if (outcome.is !== 'appended') throw new Error(`not appended: ${outcome.is}`)
}

/** Whether a promise is still open after everything that was ready has run. */
export async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  return (await Promise.race([promise, pause(50, open)])) === open
}
