import { z } from 'zod'
import { Json } from '../domain/canonical.ts'
import { deskEvents } from '../domain/desk.ts'
import { effectKinds } from '../domain/effects.ts'
import type { Sha256 } from '../domain/hash.ts'
import type { EffectKey, Instant } from '../domain/ids.ts'
import { type Documents, readDocument } from '../domain/packs/documents.ts'
import { redactedIn } from '../domain/redaction.ts'
import { dueAt, effectKey, IntendedEffects } from '../domain/run/coordinator.ts'
import { type EventEnvelope, transitionsIn } from '../domain/run/envelope.ts'
import { parseData } from '../domain/run/events.ts'
import { evolve } from '../domain/run/evolve.ts'
import { absent } from '../domain/run/state.ts'
import { namesIn } from './blob-names.ts'
import { overtaken } from './journal.ts'
import type { EffectProjector, Ledger, ProjectedEffect, Projections } from './ledger.ts'

/**
 * Throws the effects away and makes them again from the log, all or nothing; resolves to their number. No worker may be
 * at work meanwhile: what it has under way would be taken by another. An event or document that cannot be read stops it.
 */
export async function rebuildEffects(store: {
  readonly ledger: Pick<Ledger, 'streams' | 'read' | 'blobs'>
  readonly projections: Projections
}): Promise<number> {
  return store.projections.rebuild(effectProjector(await intendedDocuments(store.ledger)))
}

/** The documents that tell the effects of runs, read before, because a projection cannot wait for them. */
async function intendedDocuments(ledger: Pick<Ledger, 'streams' | 'read' | 'blobs'>): Promise<Documents> {
  const known = new Map<Sha256, Uint8Array>()
  for (const stream of await ledger.streams('run/'))
    for (const [sha256, bytes] of await intendedIn(ledger, await ledger.read(stream))) known.set(sha256, bytes)
  return (sha256) => known.get(sha256)
}

/** The documents that tell what the events of one run intend. */
export function intendedIn(
  ledger: Pick<Ledger, 'blobs'>,
  events: readonly EventEnvelope[],
): Promise<ReadonlyMap<Sha256, Uint8Array>> {
  const intending = events.filter(({ type }) => type === 'EffectsIntended')
  return ledger.blobs(intending.flatMap(({ data }) => namesIn(data)))
}

/** What a stream says of its effects: what was asked for, what has its outcome, and what an ended run did not want any more. */
export function effectProjector(documents: Documents): EffectProjector {
  return (stream, events) => {
    if (stream.startsWith('run/')) return runEffects(events, documents)
    return stream.startsWith('desk/') ? deskEffects(events) : []
  }
}

type Rows = Map<EffectKey, ProjectedEffect>

function runEffects(events: readonly EventEnvelope[], documents: Documents): readonly ProjectedEffect[] {
  const rows: Rows = new Map()
  const erased = redactedIn(events)
  let state = absent
  for (const step of transitionsIn(events)) {
    state = step.reduce(evolve, state)
    const [settles] = step.flatMap(settledInRun)
    for (const key of overtaken(state.phase, [...rows.values()], settles)) close(rows, key, 'abandoned')
    if (settles !== undefined) close(rows, settles, 'done')
    for (const event of step) add(rows, event, askedByRun(event, documents, erased))
  }
  return [...rows.values()]
}

function settledInRun({ type, data }: EventEnvelope): readonly EffectKey[] {
  return type === 'EffectSettled' || type === 'TimerFired' ? [parseData(type, data).key] : []
}

type Asked = { readonly kind: string; readonly body: unknown }

/** Only of a run that is over is anything erased: what it asked for then is closed, and needs no row. */
function askedByRun(
  { type, data }: EventEnvelope,
  documents: Documents,
  erased: ReadonlyMap<Sha256, unknown>,
): readonly Asked[] {
  if (type !== 'EffectsIntended') return []
  const { effects } = parseData(type, data)
  return erased.has(effects) ? [] : readDocument(documents, effects, IntendedEffects).effects
}

function deskEffects(events: readonly EventEnvelope[]): readonly ProjectedEffect[] {
  const rows: Rows = new Map()
  for (const event of events) {
    if (event.type === 'EffectSettled') close(rows, deskEvents.EffectSettled.parse(event.data).key, 'done')
    if (event.type === 'EffectsIntended') add(rows, event, deskEvents.EffectsIntended.parse(event.data).effects)
  }
  return [...rows.values()]
}

const Body = z.record(z.string(), Json)

function add(rows: Rows, { stream, seq }: EventEnvelope, asked: readonly Asked[]): void {
  const owner = stream.slice(stream.indexOf('/') + 1)
  for (const [ordinal, { kind, body }] of asked.entries()) {
    const key = effectKey(owner, seq, ordinal)
    rows.set(key, { key, stream, type: kind, body: Body.parse(body), dueAt: dueTime(kind, body), status: 'due' })
  }
}

function dueTime(kind: string, body: unknown): Instant | null {
  return kind === 'timer' ? dueAt({ kind, body: effectKinds.timer.body.parse(body) }) : null
}

/** One that is done stays done; an abandoned one that was under way may still get its outcome. */
function close(rows: Rows, key: EffectKey, status: 'done' | 'abandoned'): void {
  const row = rows.get(key)
  if (row !== undefined && row.status !== 'done') rows.set(key, { ...row, status })
}
