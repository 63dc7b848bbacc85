import type { Sha256 } from '../domain/hash.ts'
import { type Documents, documentsOf, type NewBlob } from '../domain/packs/documents.ts'
import { redactedIn } from '../domain/redaction.ts'
import { type Transition, transition } from '../domain/run/coordinator.ts'
import { chain, type EventEnvelope } from '../domain/run/envelope.ts'
import { parseData, type RunInput } from '../domain/run/events.ts'
import { evolve } from '../domain/run/evolve.ts'
import { inputOf } from '../domain/run/recorded-input.ts'
import { absent, type RunState } from '../domain/run/state.ts'
import { namesIn } from './blob-names.ts'
import { type Difference, failure, firstDifference } from './redecide/difference.ts'

/** The pure core that decides: another one can be tried against the same record. */
export type Core = (past: RunState, input: RunInput, recorded: Documents) => Transition

/** Where a record and its re-decision part; `at` is the event's stream and place in it. */
export type Divergence = { readonly same: false; readonly at: string } & Difference
/**
 * `undecided` are the inputs whose decisions rest on what was erased since, `changed` those that another engine decided
 * otherwise: both are taken as they stand on record.
 */
export type Replayed =
  | {
      readonly same: true
      readonly events: number
      readonly state: RunState
      readonly undecided: readonly string[]
      readonly changed: readonly string[]
    }
  | Divergence

/** The digest of the engine that decides again; asked for only where something comes out otherwise. */
export type EngineDigest = () => Sha256

type Record = { readonly events: readonly EventEnvelope[]; readonly documents: Documents }

/**
 * Decides a run again from its recorded inputs alone, and compares events, effects and texts byte for byte. Documents that
 * decisions made are made again: the core is shown those that inputs name, and no others. Where it asks for one that the
 * record says was erased, nothing can be compared, and the state follows from the recorded decisions; so it does where
 * another engine than the run pins decides otherwise. Without an engine each difference is a divergence.
 */
export function replay(record: Record, core: Core = transition, engine?: EngineDigest): Replayed {
  const { events } = record
  const walk: Walk = { record, core, engine, erased: redactedIn(events), known: new Map(), undecided: [], changed: [] }
  let state = absent
  let from = 0
  while (from < events.length) {
    const group = groupAt(events, from)
    const next = decidedOn(walk, state, { group, before: events[from - 1] })
    if ('same' in next) return next
    state = next
    from += group.length
  }
  return { same: true, events: from, state, undecided: walk.undecided, changed: walk.changed }
}

type Walk = {
  readonly record: Record
  readonly core: Core
  readonly engine: EngineDigest | undefined
  readonly erased: ReadonlyMap<Sha256, unknown>
  readonly known: Map<Sha256, Uint8Array>
  readonly undecided: string[]
  readonly changed: string[]
}
type Step = { readonly group: readonly EventEnvelope[]; readonly before: EventEnvelope | undefined }

/** The state after one input and its decisions, or where they part from the record. */
function decidedOn(walk: Walk, state: RunState, { group, before }: Step): RunState | Divergence {
  const { record, core, known } = walk
  for (const name of namesIn(group[0]?.data)) show(known, name, record.documents)
  const missed = new Set<Sha256>()
  const shown = watched(known, walk.erased, missed)
  const again = decideAgain(core, { state, shown, before }, group)
  if (missed.size > 0) return asRecorded(walk, state, group, walk.undecided)
  const compared = 'events' in again ? compare(again, group, { documents: record.documents, shown }) : again
  if ('at' in compared)
    return isByAnother(record.events, walk.engine) ? asRecorded(walk, state, group, walk.changed) : compared
  for (const { sha256, bytes } of compared.blobs) known.set(sha256, bytes)
  return compared.state
}

/** What cannot be compared is taken from the record, and its input is listed. */
function asRecorded(
  { record, known }: Walk,
  state: RunState,
  group: readonly EventEnvelope[],
  list: string[],
): RunState | Divergence {
  list.push(...group.slice(0, 1).map(({ stream, seq }) => `${stream}@${seq}`))
  for (const name of namesIn(group.map(({ data }) => data))) show(known, name, record.documents)
  return foldOn(state, group)
}

/** What was decided again, or where it parts from the record. */
function compare(
  again: Again,
  group: readonly EventEnvelope[],
  { documents, shown }: { readonly documents: Documents; readonly shown: Documents },
): Again | Divergence {
  const sides = { recorded: documents, now: documentsOf(again.blobs, shown) }
  const difference = firstDifference(group, again.events, sides)
  return difference === undefined ? again : divergence(difference)
}

function isByAnother([first]: readonly EventEnvelope[], engine: EngineDigest | undefined): boolean {
  if (engine === undefined || first?.type !== 'RequestReceived') return false
  return parseData(first.type, first.data).engine.digest !== engine()
}

/** What was recorded must be readable for every engine. */
function foldOn(state: RunState, group: readonly EventEnvelope[]): RunState | Divergence {
  const [recorded] = group
  try {
    return group.reduce<RunState>(evolve, state)
  } catch (error) {
    if (error instanceof Error && recorded !== undefined) return divergence(failure(recorded, error))
    throw error
  }
}

/** What is known, noting each erased document that is asked for. */
function watched(
  known: ReadonlyMap<Sha256, Uint8Array>,
  erased: ReadonlyMap<Sha256, unknown>,
  missed: Set<Sha256>,
): Documents {
  return (sha256) => {
    const bytes = known.get(sha256)
    if (bytes === undefined && erased.has(sha256)) missed.add(sha256)
    return bytes
  }
}

function show(known: Map<Sha256, Uint8Array>, sha256: Sha256, documents: Documents): void {
  const bytes = documents(sha256)
  if (bytes !== undefined) known.set(sha256, bytes)
}

/** One input with the decisions recorded behind it. */
function groupAt(events: readonly EventEnvelope[], from: number): readonly EventEnvelope[] {
  let end = from + 1
  while (end < events.length && events[end]?.kind !== 'input') end += 1
  return events.slice(from, end)
}

type Moment = { readonly state: RunState; readonly shown: Documents; readonly before: EventEnvelope | undefined }
type Again = { readonly events: readonly EventEnvelope[]; readonly blobs: readonly NewBlob[]; readonly state: RunState }

function decideAgain(
  core: Core,
  { state, shown, before }: Moment,
  group: readonly EventEnvelope[],
): Again | Divergence {
  const [recorded] = group
  if (recorded === undefined) throw new TypeError('a transition without an input')
  try {
    const step = core(state, inputOf(recorded), shown)
    return { events: chain(recorded.stream, before, step.events, group), blobs: step.blobs, state: step.state }
  } catch (error) {
    if (error instanceof Error) return divergence(failure(recorded, error))
    throw error
  }
}

function divergence(difference: Difference): Divergence {
  return { same: false, at: `${difference.stream}@${difference.seq}`, ...difference }
}
