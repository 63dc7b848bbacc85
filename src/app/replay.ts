import type { Sha256 } from '../domain/hash.ts'
import { type Documents, documentsOf, type NewBlob } from '../domain/packs/documents.ts'
import { redactedIn } from '../domain/redaction.ts'
import { type Transition, transition } from '../domain/run/coordinator.ts'
import { chain, type EventEnvelope } from '../domain/run/envelope.ts'
import type { RunInput } from '../domain/run/events.ts'
import { evolve } from '../domain/run/evolve.ts'
import { inputOf } from '../domain/run/recorded-input.ts'
import { absent, type RunState } from '../domain/run/state.ts'
import { namesIn } from './blob-names.ts'
import { type Difference, failure, firstDifference } from './redecide/difference.ts'

/** The pure core that decides: another one can be tried against the same record. */
export type Core = (past: RunState, input: RunInput, recorded: Documents) => Transition

/** Where a record and its re-decision part; `at` is the event's stream and place in it. */
export type Divergence = { readonly same: false; readonly at: string } & Difference
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
      undecided.push(...group.slice(0, 1).map(({ stream, seq }) => `${stream}@${seq}`))
      for (const name of namesIn(group.map(({ data }) => data))) show(known, name, documents)
      state = group.reduce<RunState>(evolve, state)
      continue
    }
    if (!('events' in step)) return step
    const sides = { recorded: documents, now: documentsOf(step.blobs, shown) }
    const difference = firstDifference(group, step.events, sides)
    if (difference !== undefined) return divergence(difference)
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
  if (recorded === undefined) throw new TypeError('a transition without an input')
  try {
    const step = core(state, inputOf(recorded), shown)
    return { events: chain(recorded.stream, before, step.events), blobs: step.blobs, state: step.state }
  } catch (error) {
    if (error instanceof Error) return divergence(failure(recorded, error))
    throw error
  }
}

function divergence(difference: Difference): Divergence {
  return { same: false, at: `${difference.stream}@${difference.seq}`, ...difference }
}
