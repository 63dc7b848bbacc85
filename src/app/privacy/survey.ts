import { z } from 'zod'
import { type Sha256, Sha256 as Sha256Schema } from '../../domain/hash.ts'
import { ForeignId, type StreamName } from '../../domain/ids.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { MemoryPack } from '../../domain/packs/memory-pack.ts'
import { type Redaction, redactedIn } from '../../domain/redaction.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { foldRun, UnknownEvent } from '../../domain/run/evolve.ts'
import { isFinal, type Phase } from '../../domain/run/state.ts'
import { type Holding, heldBy, heldWithin, tried } from '../evidence/named-blobs.ts'
import { documentsFor } from '../journal.ts'
import type { EffectQueue, Ledger } from '../ledger.ts'

/** What one stream names and what is erased of it, and whether it still needs the rest. */
export type Surveyed = {
  readonly stream: StreamName
  readonly events: readonly EventEnvelope[]
  readonly held: ReadonlyMap<Sha256, Holding>
  /** Who wrote which words. */
  readonly authors: ReadonlyMap<Sha256, ForeignId>
  /** Words of other runs that this one's MemoryPacks hold copies of, with the packs. */
  readonly quotes: ReadonlyMap<Sha256, readonly Sha256[]>
  readonly erased: ReadonlyMap<Sha256, Redaction>
  /** Why operators erased something: these words go only when they are named themselves. */
  readonly reasons: ReadonlySet<Sha256>
  /** Null where the run has ended, or the stream is no run's; otherwise why it is not over. */
  readonly living: string | null
}

export type SurveySource = {
  readonly ledger: Pick<Ledger, 'read' | 'streams' | 'blobs'>
  readonly queue: Pick<EffectQueue, 'list'>
}

/** Every stream that names what people wrote. */
export async function surveyAll(source: SurveySource): Promise<readonly Surveyed[]> {
  const streams = [...(await source.ledger.streams('run/')), ...(await source.ledger.streams('desk/'))]
  const surveyed: Surveyed[] = []
  for (const stream of streams) surveyed.push(await survey(source, stream))
  return surveyed
}

export async function survey({ ledger, queue }: SurveySource, stream: StreamName): Promise<Surveyed> {
  const events = await ledger.read(stream)
  const documents = await documentsFor(ledger, events)
  const erased = redactedIn(events)
  const direct = events.flatMap((event) => [...heldBy(event)])
  const records = direct.filter(([, holding]) => holding === 'record')
  return {
    stream,
    events,
    held: new Map([
      ...heldWithin(
        direct.map(([sha256]) => sha256),
        documents,
      ),
      ...direct,
      ...records,
    ]),
    authors: new Map(events.flatMap(({ data }) => authored(data))),
    quotes: quotesIn(events, documents),
    erased,
    reasons: new Set([...erased.values()].flatMap(({ why }) => (why.is === 'asked' ? [why.words] : []))),
    living: stream.startsWith('run/') ? livingBecause(events, await queue.list(stream)) : null,
  }
}

/** What people may still do with a merged run, a rollback, needs its plan, which is never erased. */
export function isOver(phase: Phase): boolean {
  return isFinal(phase) || phase === 'merged'
}

function livingBecause(
  events: readonly EventEnvelope[],
  effects: Awaited<ReturnType<EffectQueue['list']>>,
): string | null {
  try {
    const { phase } = foldRun(events)
    if (!isOver(phase)) return `it is ${phase}`
  } catch (error) {
    if (error instanceof UnknownEvent) return 'this program cannot read all of it'
    throw error
  }
  const open = effects.find(({ status, type }) => (status === 'due' || status === 'attempted') && type !== 'timer')
  return open === undefined ? null : `its effect ${open.key} is still to be performed`
}

const Someone = z.looseObject({ id: ForeignId })

/** An object that names words names who wrote them, in one of the ways in which events do that. */
function authored(value: unknown): (readonly [Sha256, ForeignId])[] {
  if (Array.isArray(value)) return value.flatMap(authored)
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.values(value).flatMap(authored)
  const words = 'words' in value ? Sha256Schema.safeParse(value.words) : undefined
  const author = words?.success === true ? authorIn({ ...value }) : undefined
  return words?.success === true && author !== undefined ? [[words.data, author], ...inside] : inside
}

function authorIn(named: Readonly<Record<string, unknown>>): ForeignId | undefined {
  const [person] = [named['author'], named['requester'], named].flatMap((one) => {
    const someone = Someone.safeParse(one)
    return someone.success ? [someone.data.id] : []
  })
  const [id] = [named['userId'], named['by']].flatMap((one) => {
    const parsed = ForeignId.safeParse(one)
    return parsed.success ? [parsed.data] : []
  })
  return person ?? id
}

function quotesIn(events: readonly EventEnvelope[], documents: Documents): ReadonlyMap<Sha256, readonly Sha256[]> {
  const quotes = new Map<Sha256, Sha256[]>()
  for (const { type, data } of events) {
    const pack = type === 'MemoryPinned' ? Sha256Schema.safeParse(data['pack']) : undefined
    if (pack?.success !== true) continue
    const items = tried(() => readDocument(documents, pack.data, MemoryPack).items) ?? []
    for (const { source } of items)
      if (source.is === 'event' && source.words !== null)
        quotes.set(source.words, [...(quotes.get(source.words) ?? []), pack.data])
  }
  return quotes
}
