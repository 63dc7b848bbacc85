import {
  type Append,
  AppendRefused,
  type EffectStatus,
  type IntendedEffect,
  type ProjectedEffect,
} from '../../app/ledger.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { sha256Hex } from '../../domain/hash.ts'
import { EffectKey, type Instant, type StreamName } from '../../domain/ids.ts'
import { EventEnvelope, EventTooLarge, MAX_EVENT_BYTES } from '../../domain/run/envelope.ts'
import { type EventText, isHashed, toText } from './text.ts'

/** An effect with its place in its stream's order and the moment from which it may be taken. */
export type EffectEntry = {
  readonly effect: IntendedEffect
  readonly body: string
  readonly seq: number
  readonly ordinal: number
  readonly readyAt: Instant
  readonly status: EffectStatus
  readonly attempts: number
}

/** An append that does not contradict itself. */
export type Prepared = {
  readonly append: Append
  readonly events: readonly EventText[]
  readonly effects: readonly EffectEntry[]
}

/** Checks all of an append that can be checked without the ledger; throws `AppendRefused` or `EventTooLarge`. */
export function prepare(append: Append): Prepared {
  const events = append.events.map((event) => toText(wellFormed(event)))
  for (const event of events) refuseUnsound(event)
  refuseBrokenChains(append)
  for (const blob of append.blobs)
    if (sha256Hex(blob.bytes) !== blob.sha256) refuse(`blob ${blob.sha256} is not what its name says`)
  return { append, events, effects: toEntries(append) }
}

/** Every effect that an append asks for, settles or cancels. */
export function keysIn({ append }: Prepared): readonly EffectKey[] {
  const { effects, settles, cancels = [] } = append
  return [...effects.map(({ key }) => key), ...cancels, ...(settles === undefined ? [] : [settles])]
}

/** An effect made again from the log. Nobody knows whether an open one was attempted, so it counts as attempted. */
export function toRebuilt({ status, ...effect }: ProjectedEffect, events: readonly EventEnvelope[]): EffectEntry {
  const entry = toEntry(effect, events)
  return status === 'due' ? { ...entry, status: 'attempted', attempts: 1 } : { ...entry, status }
}

/** Places an effect in its stream's order: its key names the event that asked for it. */
function toEntry(effect: IntendedEffect, events: readonly EventEnvelope[]): EffectEntry {
  const key = EffectKey.safeParse(effect.key)
  const [, seqText, ordinalText] = effect.key.split('/')
  const seq = Number(seqText)
  const cause = events.find((event) => event.stream === effect.stream && event.seq === seq) ?? events.at(-1)
  if (!key.success || cause === undefined) refuse(`effect ${effect.key} has no event that asks for it`)
  return {
    effect,
    body: canonicalJson(effect.body),
    seq,
    ordinal: Number(ordinalText),
    readyAt: effect.dueAt ?? cause.at,
    status: 'due',
    attempts: 0,
  }
}

function toEntries(append: Append): readonly EffectEntry[] {
  refuseRepeats(append.effects.map((effect) => effect.key))
  const streams = new Set(append.expect.map((expected) => expected.stream))
  for (const effect of append.effects)
    if (!streams.has(effect.stream)) refuse(`effect ${effect.key} is of ${effect.stream}, which is not expected`)
  return append.effects.map((effect) => toEntry(effect, append.events))
}

function wellFormed(event: EventEnvelope): EventEnvelope {
  const parsed = EventEnvelope.safeParse(event)
  if (!parsed.success) throw new AppendRefused('an event does not have the shape of one', { cause: parsed.error })
  return parsed.data
}

function refuseUnsound({ event, text, bytes }: EventText): void {
  if (bytes > MAX_EVENT_BYTES) throw new EventTooLarge(`${event.type} in ${event.stream} has ${bytes} bytes`)
  if (!isHashed(event, text)) refuse(`${event.stream}@${event.seq} has the hash of something else`)
}

function refuseBrokenChains(append: Append): void {
  refuseRepeats(append.expect.map((expected) => expected.stream))
  const last = new Map<StreamName, { readonly seq: number; readonly hash?: string }>()
  for (const { stream, seq } of append.expect) last.set(stream, { seq })
  for (const event of append.events) {
    const before = last.get(event.stream)
    if (before === undefined) refuse(`${event.stream} gets events but is not expected`)
    if (event.seq !== before.seq + 1) refuse(`${event.stream}@${event.seq} does not follow ${before.seq}`)
    if (before.hash !== undefined && event.prevHash !== before.hash)
      refuse(`${event.stream}@${event.seq} does not chain on the event before it`)
    last.set(event.stream, { seq: event.seq, hash: event.hash })
  }
}

function refuseRepeats(names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) refuse(`${repeated} is named twice`)
}

function refuse(why: string): never {
  throw new AppendRefused(why)
}
