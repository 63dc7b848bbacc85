import { canonicalJson } from '../domain/canonical.ts'
import type { Sha256 } from '../domain/hash.ts'
import { type Documents, documentsOf, type NewBlob, readDocument } from '../domain/packs/documents.ts'
import { redactedIn } from '../domain/redaction.ts'
import { IntendedEffects, type Transition, transition } from '../domain/run/coordinator.ts'
import { chain, type EventEnvelope } from '../domain/run/envelope.ts'
import {
  type EventData,
  type InputType,
  isRunEventType,
  parseData,
  type RunInput,
  runEvents,
} from '../domain/run/events.ts'
import { evolve } from '../domain/run/evolve.ts'
import { absent, type RunState } from '../domain/run/state.ts'
import { namesIn } from './blob-names.ts'
import { tried } from './evidence/named-blobs.ts'

/** The pure core that decides: another one can be tried against the same record. */
export type Core = (past: RunState, input: RunInput, recorded: Documents) => Transition

/** Where a record and its re-decision part: what is on record there, and what would be decided now. */
export type Divergence = { readonly same: false; readonly at: string; readonly recorded: string; readonly now: string }
/** `undecided` are the inputs whose decisions rest on what was erased since: they are taken as they stand on record. */
export type Replayed =
  | {
      readonly same: true
      readonly events: number
      readonly state: RunState
      readonly undecided: readonly string[]
    }
  | Divergence

type Record = { readonly events: readonly EventEnvelope[]; readonly documents: Documents }

/**
 * Decides a run again from its recorded inputs alone, and compares events, effects and texts byte for byte. Documents that
 * decisions made are made again: the core is shown those that inputs name, and no others. Where it asks for one that the
 * record says was erased, nothing can be compared, and the state follows from the recorded decisions.
 */
export function replay({ events, documents }: Record, core: Core = transition): Replayed {
  let state = absent
  let from = 0
  const known = new Map<Sha256, Uint8Array>()
  const erased = redactedIn(events)
  const undecided: string[] = []
  while (from < events.length) {
    const group = groupAt(events, from)
    for (const name of namesIn(group[0]?.data)) show(known, name, documents)
    const missed = new Set<Sha256>()
    const shown = watched(known, erased, missed)
    const step = decideAgain(core, { state, shown, before: events[from - 1] }, group)
    from += group.length
    if (missed.size > 0) {
      undecided.push(...group.slice(0, 1).map(placeOf))
      for (const name of namesIn(group.map(({ data }) => data))) show(known, name, documents)
      state = group.reduce<RunState>(evolve, state)
      continue
    }
    if (!('events' in step)) return step
    const difference = firstDifference(group, step.events, { documents, now: documentsOf(step.blobs, shown) })
    if (difference !== undefined) return difference
    state = step.state
    for (const { sha256, bytes } of step.blobs) known.set(sha256, bytes)
  }
  return { same: true, events: from, state, undecided }
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
  if (recorded === undefined) return { same: false, at: 'the end', recorded: 'nothing', now: 'nothing' }
  try {
    const step = core(state, inputOf(recorded), shown)
    return { events: chain(recorded.stream, before, step.events), blobs: step.blobs, state: step.state }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return {
      same: false,
      at: placeOf(recorded),
      recorded: recorded.type,
      now: `${error.name}: ${error.message.slice(0, 500)}`,
    }
  }
}

/** A recorded event that is no input at a place where one must stand, or of a shape that the catalogue does not have. */
class NoInput extends Error {
  override readonly name = 'NoInput'
}

function inputOf({ type, kind, v, data, by, at }: EventEnvelope): RunInput {
  if (kind !== 'input' || v !== 1 || !isRunEventType(type) || !isInputType(type))
    throw new NoInput(`${type} v${v} is no input of a run`)
  return asInput(type, { data: parseData(type, data), by, at })
}

function isInputType(type: keyof typeof runEvents): type is InputType {
  return runEvents[type].kind === 'input'
}

function asInput<T extends InputType>(
  type: T,
  rest: { readonly data: EventData<T>; readonly by: string; readonly at: string },
): RunInput
function asInput(type: InputType, rest: object): unknown {
  return { type, ...rest }
}

function firstDifference(
  recorded: readonly EventEnvelope[],
  now: readonly EventEnvelope[],
  documents: { readonly documents: Documents; readonly now: Documents },
): Divergence | undefined {
  for (let i = 0; i < Math.max(recorded.length, now.length); i += 1) {
    const [was, is] = [recorded[i], now[i]]
    if (was !== undefined && is !== undefined && isSame(was, is)) continue
    const place = was ?? is
    return {
      same: false,
      at: place === undefined ? 'the end' : placeOf(place),
      recorded: tell(was, documents.documents),
      now: tell(is, documents.now),
    }
  }
  return undefined
}

/** Whether two values have the same canonical text, without making it. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const [mine, others] = [Object.entries(one), new Map<string, unknown>(Object.entries(other))]
  return (
    Array.isArray(one) === Array.isArray(other) &&
    mine.length === others.size &&
    mine.every(([key, value]) => others.has(key) && isSame(value, others.get(key)))
  )
}

function placeOf({ stream, seq }: EventEnvelope): string {
  return `${stream}@${seq}`
}

/** An event in one line; of intended effects also what they are. */
function tell(event: EventEnvelope | undefined, documents: Documents): string {
  if (event === undefined) return 'nothing'
  const line = `${event.type} ${canonicalJson(event.data)}`
  const effects = event.data['effects']
  if (event.type !== 'EffectsIntended' || typeof effects !== 'string') return line
  const intended = tried(() => readDocument(documents, effects, IntendedEffects))
  return intended === undefined ? line : `${line}: ${canonicalJson(intended.effects)}`
}
