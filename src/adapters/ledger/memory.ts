import type { Append, AppendOutcome, EffectQueue, Inbox, Ledger, Projections } from '../../app/ledger.ts'
import type { MemoryIndex } from '../../app/memory-index.ts'
import { type Sha256, sha256Hex } from '../../domain/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import { redactedIn } from '../../domain/redaction.ts'
import { memoryInbox } from './memory-inbox.ts'
import { memoryMemory } from './memory-memory.ts'
import { memoryQueue } from './memory-queue.ts'
import { answered, emptyStore, type KeptEffect, type Store, standingIn } from './memory-store.ts'
import { type EffectEntry, type Prepared, prepare, toRebuilt } from './prepare.ts'
import { followed, readEvent, readStream } from './text.ts'
import { type Wakeup, wakeup } from './wakeup.ts'
import { weigh } from './weigh.ts'

/** A ledger that lives as long as this process: for work on a local clone, which needs no yesterday. */
export function memoryLedger(): {
  readonly ledger: Ledger
  readonly queue: EffectQueue
  readonly inbox: Inbox
  readonly projections: Projections
  readonly memory: MemoryIndex
} {
  const store = emptyStore()
  const [effects, deliveries] = [wakeup(), wakeup()]
  return {
    ledger: ledgerIn(store, effects),
    queue: memoryQueue(store, effects),
    inbox: memoryInbox(store, deliveries),
    projections: projectionsIn(store, effects),
    memory: memoryMemory(store),
  }
}

function ledgerIn(store: Store, waiting: Wakeup): Ledger {
  return {
    read: async (stream) => readStream(stream, store.streams.get(stream) ?? []),
    async readBehind(known) {
      const { stream, seq, hash } = known
      const [first, ...added] = (store.streams.get(stream) ?? []).slice(seq - 1).map(readEvent)
      return first?.hash === hash ? followed(stream, added, known) : undefined
    },
    positions: async (stream) => positionsIn(store, stream),
    append: async (append) => appendTo(store, append, waiting),
    blob: async (sha256) => store.blobs.get(sha256)?.slice(),
    blobs: async (sha256s) => blobsIn(store, sha256s),
    async putBlob(bytes) {
      const sha256 = sha256Hex(bytes)
      store.blobs.set(sha256, bytes.slice())
      return sha256
    },
    streams: async (prefix) => [...store.streams.keys()].filter((stream) => stream.startsWith(prefix)).sort(),
    async log(from, limit) {
      const start = Math.max(1, from)
      return store.log
        .slice(start - 1, start - 1 + limit)
        .map((text, i) => ({ pos: start + i, event: readEvent(text) }))
    },
    async head() {
      const last = store.log.at(-1)
      return last === undefined ? undefined : { pos: store.log.length, hash: readEvent(last).hash }
    },
  }
}

/** Nothing is awaited between judging and recording, so no other append comes between. */
function appendTo(store: Store, append: Append, waiting: Wakeup): AppendOutcome {
  const prepared = prepare(append)
  const [verdict] = weigh([prepared], standingIn(store, prepared))
  if (verdict === undefined) throw new Error('an append was left without a verdict')
  if (verdict.is === 'refused') throw verdict.error
  if (verdict.is === 'appended') {
    record(store, prepared)
    if (prepared.effects.length > 0) waiting.call()
  }
  return verdict
}

function record(store: Store, { append, events, effects }: Prepared): void {
  for (const { event, text } of events) {
    store.log.push(text)
    const stream = store.streams.get(event.stream)
    if (stream === undefined) store.streams.set(event.stream, [text])
    else stream.push(text)
    store.heads.set(event.stream, { seq: event.seq, hash: event.hash })
  }
  for (const { sha256, bytes } of append.blobs) store.blobs.set(sha256, bytes.slice())
  keepEffects(store, effects)
  for (const key of append.cancels ?? []) close(store, key, 'abandoned')
  if (append.settles !== undefined) close(store, append.settles, 'done')
  const delivery = append.consumes === undefined ? undefined : store.deliveries.get(append.consumes)
  if (delivery !== undefined) store.deliveries.set(delivery.deliveryId, answered(delivery))
  for (const { event } of events) erase(store, event.stream, redactedIn([event]))
}

/** The blobs, what was learned from their stream or copied from them, and what its closed effects said. */
function erase(store: Store, stream: StreamName, erased: ReadonlyMap<Sha256, unknown>): void {
  if (erased.size === 0) return
  for (const sha256 of erased.keys()) store.blobs.delete(sha256)
  for (const [key, row] of store.memory)
    if (row.stream === stream || (row.words !== null && erased.has(row.words))) store.memory.delete(key)
  for (const [key, entry] of store.effects) if (isClosed(entry, stream)) store.effects.set(key, withoutWords(entry))
}

function isClosed({ effect, status }: KeptEffect, stream: StreamName): boolean {
  return effect.stream === stream && (status === 'done' || status === 'abandoned')
}

function withoutWords(entry: KeptEffect): KeptEffect {
  return { ...entry, body: '{}', effect: { ...entry.effect, body: {} }, reason: null }
}

function keepEffects(store: Store, entries: readonly EffectEntry[]): void {
  for (const entry of entries) store.effects.set(entry.effect.key, { ...entry, reason: null })
}

function close(store: Store, key: string, status: 'done' | 'abandoned'): void {
  const effect = store.effects.get(key)
  if (effect !== undefined && effect.status !== 'done') store.effects.set(key, { ...effect, status })
}

function positionsIn(store: Store, stream: string): readonly number[] {
  const own = new Set(store.streams.get(stream))
  return store.log.flatMap((text, index) => (own.has(text) ? [index + 1] : []))
}

function blobsIn(store: Store, sha256s: readonly Sha256[]): ReadonlyMap<Sha256, Uint8Array> {
  const found = new Map<Sha256, Uint8Array>()
  for (const sha256 of sha256s) {
    const bytes = store.blobs.get(sha256)
    if (bytes !== undefined) found.set(sha256, bytes.slice())
  }
  return found
}

function projectionsIn(store: Store, waiting: Wakeup): Projections {
  return {
    drop: async () => store.effects.clear(),
    streams: async () => [...new Set([...store.effects.values()].map(({ effect }) => effect.stream))].sort(),
    async rebuild(project) {
      store.effects.clear()
      for (const [stream, texts] of store.streams) {
        const events = readStream(stream, texts)
        keepEffects(
          store,
          project(stream, events).map((effect) => toRebuilt(effect, events)),
        )
      }
      waiting.call()
      return store.effects.size
    },
  }
}
