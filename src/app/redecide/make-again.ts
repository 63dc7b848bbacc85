import { type DeskState, decideDesk, decideForeignPullRequest, deskEvents } from '../../domain/desk.ts'
import type { LockState } from '../../domain/lock.ts'
import { type Documents, documentsOf, type NewBlob } from '../../domain/packs/documents.ts'
import { chain, chainCausedBy, type EventEnvelope, type Unplaced } from '../../domain/run/envelope.ts'
import { inputOf } from '../../domain/run/recorded-input.ts'
import { type RunState, told } from '../../domain/run/state.ts'
import { decideSchedule, type ScheduleState, scheduleEvents } from '../../domain/schedule-stream.ts'
import { mirrorsOf } from '../mirror.ts'
import type { Core } from '../replay.ts'
import type { LoggedTransition } from './log-transitions.ts'
import type { KnownRun } from './run-shelf.ts'
import type { Tails } from './tails.ts'

/** The streams of repositories, each as it stands at a place of the log. */
export type Beside = {
  readonly locks: Tails<LockState>
  readonly desks: Tails<DeskState>
  readonly schedules: Tails<ScheduleState>
}

/** What comes out when a transition is decided again: its events in the order of an append, and the documents made. */
export type Made = { readonly events: readonly EventEnvelope[]; readonly blobs: readonly NewBlob[] }

/** An input, and the transition that it began. */
export type Placed = Pick<LoggedTransition, 'from' | 'events'> & { readonly input: EventEnvelope }

/** A run's own events, and what they mean to the streams of its repository. */
export async function makeRun(
  beside: Beside,
  { input, from, events }: Placed,
  { run, core, shown }: { readonly run: KnownRun; readonly core: Core; readonly shown: Documents },
): Promise<Made & { readonly state: RunState }> {
  const step = core(run.state, inputOf(input), shown)
  const onRecord = (stream: string) => events.filter((event) => event.stream === stream)
  const own = chain(input.stream, run.last, step.events, onRecord(input.stream))
  const { id } = told(step.state.request, 'the request').repository
  const line = await beside.locks.at(`locks/${id}`, from)
  const mirrors = mirrorsOf({
    step,
    run: input.stream.slice('run/'.length),
    at: input.at,
    line: line.state.queue,
    documents: documentsOf(step.blobs, shown),
  })
  const cause = own[0]?.hash ?? ''
  const caused = async (stream: string, last: () => Promise<EventEnvelope | undefined>, made: readonly Unplaced[]) =>
    made.length === 0 ? [] : chainCausedBy({ stream, last: await last(), cause }, made, onRecord(stream))
  const locks = await caused(`locks/${id}`, async () => line.last, mirrors.locks)
  const desk = await caused(`desk/${id}`, async () => (await beside.desks.at(`desk/${id}`, from)).last, mirrors.desk)
  return { events: [...own, ...locks, ...desk], blobs: step.blobs, state: step.state }
}

/** What follows from an input of a stream that is no run's. Streams that only tell what was seen decide nothing. */
export async function makeBeside(beside: Beside, { input, from, events }: Placed, documents: Documents): Promise<Made> {
  if (input.type === 'ScheduleLooked' && input.stream.startsWith('schedule/')) {
    const { state, last } = await beside.schedules.at(input.stream, from)
    const decision = decideSchedule(state, scheduleEvents.ScheduleLooked.parse(input.data), documents)
    return { events: chain(input.stream, last, decision?.events ?? [], events), blobs: decision?.blobs ?? [] }
  }
  if (!input.stream.startsWith('desk/')) return { events: [input], blobs: [] }
  const { state, last } = await beside.desks.at(input.stream, from)
  return { events: chain(input.stream, last, atDesk(state, input), events), blobs: [] }
}

function atDesk(state: DeskState, { type, data, at, kind, v, by }: EventEnvelope): readonly Unplaced[] {
  if (type === 'CommandSeen') return decideDesk(state, deskEvents.CommandSeen.parse(data), at).events
  if (type === 'PullRequestSeen') return decideForeignPullRequest(deskEvents.PullRequestSeen.parse(data), at).events
  return [{ kind, type, v, data, by, at }]
}
