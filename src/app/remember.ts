import type { RepositoryRef } from '../domain/effects.ts'
import { runStream, type StreamName } from '../domain/ids.ts'
import { type Learned, learnedFrom } from '../domain/memory/learned.ts'
import type { MemoryItem } from '../domain/packs/memory-pack.ts'
import type { EventEnvelope } from '../domain/run/envelope.ts'
import { parseData } from '../domain/run/events.ts'
import { documentsFor } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { MemoryIndex, MemoryRow } from './memory-index.ts'
import type { Recall } from './planning/collect-memory.ts'

/** The log, and the index that is made of it. */
export type Remembering = { readonly ledger: Pick<Ledger, 'read' | 'log' | 'blobs'>; readonly memory: MemoryIndex }

const BATCH = 1000
const MOST_RECALLED = 12

/** Finds what earlier runs of the same repository left on record about a text, once the index has caught up with the log. */
export function recallFrom(store: Remembering): Recall {
  return async (repository, { text, run }) => {
    await catchUp(store)
    const { installation, id } = repository
    const found = await store.memory.search({ installation, repository: id, text, limit: MOST_RECALLED + 1 })
    const own = run === null ? null : runStream(run)
    return found
      .filter(({ stream }) => stream !== own)
      .slice(0, MOST_RECALLED)
      .map(toItem)
  }
}

/** A row as the MemoryPack holds it: its source is the event that says it. */
export function toItem(row: MemoryRow): MemoryItem {
  const { stream, seq, hash, words, type, name, text, scope, confidence } = row
  const source = { is: 'event', stream, seq, hash, words } as const
  return { type, name, value: text, scope, confidence, expires: null, source }
}

/** Makes the index again from the whole log; resolves to the number of runs that were read. */
export async function rebuildMemory(store: Remembering): Promise<number> {
  await store.memory.clear()
  return catchUp(store)
}

/** Brings the index up to the end of the log. What is kept twice is kept once, so any number of servers may do it. */
export async function catchUp({ ledger, memory }: Remembering): Promise<number> {
  let reached = await memory.reached()
  const read = new Set<StreamName>()
  for (;;) {
    const batch = await ledger.log(reached + 1, BATCH)
    const last = batch.at(-1)
    if (last === undefined) return read.size
    const streams = new Set(batch.filter(({ event }) => isTelling(event)).map(({ event }) => event.stream))
    const rows: MemoryRow[] = []
    for (const stream of streams) {
      read.add(stream)
      rows.push(...(await rowsOf(ledger, stream)))
    }
    await memory.keep(rows, last.pos)
    reached = last.pos
  }
}

const TELLING: ReadonlySet<string> = new Set([
  'AnswersTaken',
  'ReviewSeen',
  'RunMerged',
  'RunClosed',
  'RunCancelled',
  'RunExpired',
  'RunRefused',
  'RunFailed',
])

function isTelling({ stream, type }: EventEnvelope): boolean {
  return stream.startsWith('run/') && TELLING.has(type)
}

/** The rows that a run's stream leads to, made anew from what still stands. */
export async function rowsOf(ledger: Remembering['ledger'], stream: StreamName): Promise<readonly MemoryRow[]> {
  const events = await ledger.read(stream)
  const repository = repositoryOf(events)
  return repository === undefined ? [] : (await learnedIn(ledger, events)).map((one) => toRow(one, repository))
}

/** What the recorded run leaves behind. */
export async function learnedIn(
  ledger: Pick<Ledger, 'blobs'>,
  events: readonly EventEnvelope[],
): Promise<readonly Learned[]> {
  return learnedFrom(events, await documentsFor(ledger, events))
}

function repositoryOf(events: readonly EventEnvelope[]): RepositoryRef | undefined {
  const [first] = events
  return first?.type === 'RequestReceived' ? parseData('RequestReceived', first.data).repository : undefined
}

function toRow({ event, ...said }: Learned, { installation, id }: RepositoryRef): MemoryRow {
  const { stream, seq, hash, at } = event
  return { stream, seq, hash, at, installation, repository: id, ...said, scope: [...said.scope] }
}
