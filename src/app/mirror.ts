import { hashOf } from '../domain/hash.ts'
import type { Instant, RunId, StreamName } from '../domain/ids.ts'
import type { LockState, Waiting } from '../domain/lock.ts'
import { keysOf } from '../domain/lock-keys.ts'
import type { Documents } from '../domain/packs/documents.ts'
import { readDocument } from '../domain/packs/documents.ts'
import { Plan } from '../domain/packs/plan.ts'
import type { Transition } from '../domain/run/coordinator.ts'
import type { EventEnvelope, Unplaced } from '../domain/run/envelope.ts'
import type { RunDecision } from '../domain/run/events.ts'
import { told } from '../domain/run/state.ts'
import type { Ledger } from './ledger.ts'
import type { LockLine } from './lock-log.ts'
import type { Recording } from './recording.ts'

type Mirrored = {
  readonly expect: readonly { readonly stream: StreamName; readonly seq: number }[]
  readonly events: readonly {
    readonly stream: StreamName
    readonly last: EventEnvelope | undefined
    readonly unplaced: readonly Unplaced[]
  }[]
  /** Whether others may find their way free now. */
  readonly freed: boolean
}

type Step = Pick<Transition, 'decisions' | 'state'>

/** One transition of a run, and the line for locks as it stood before. */
export type MirroredStep = {
  readonly step: Step
  readonly run: RunId
  readonly at: Instant
  readonly line: LockState['queue']
  readonly documents: Documents
}

/** What the decisions of one transition mean to the repository's own streams. */
export function mirrorsOf(about: MirroredStep): {
  readonly locks: readonly Unplaced[]
  readonly desk: readonly Unplaced[]
} {
  const { decisions } = about.step
  return {
    locks: [...decisions.flatMap((decision) => lockEvent(decision, about)), ...leavingLine(about)],
    desk: decisions.flatMap((decision) => deskEvent(decision, about)),
  }
}

type About = {
  readonly step: Transition
  readonly input: EventEnvelope
  readonly recording: Recording
  readonly line: LockLine
  readonly documents: Documents
}

/**
 * What a run's decisions mean to the repository's own streams: its leases go to the lock stream, its issue and pull request
 * to the desk, in the same transaction. Once there is a plan the lock stream is expected where it was read: a token is never
 * stale.
 */
export async function mirrored(ledger: Pick<Ledger, 'read'>, about: About): Promise<Mirrored> {
  const { step, recording, line, input, documents } = about
  const locks: StreamName = `locks/${recording.repository}`
  const desk: StreamName = `desk/${recording.repository}`
  const mirrors = mirrorsOf({ step, run: recording.run, at: input.at, line: line.state.queue, documents })
  const { locks: lockEvents, desk: deskEvents } = mirrors
  const deskLog = deskEvents.length === 0 ? [] : await ledger.read(desk)
  return {
    expect: [
      ...(step.state.plan === null && lockEvents.length === 0 ? [] : [{ stream: locks, seq: line.seq }]),
      ...(deskEvents.length === 0 ? [] : [{ stream: desk, seq: deskLog.length }]),
    ],
    events: [
      ...(lockEvents.length === 0 ? [] : [{ stream: locks, last: line.last, unplaced: lockEvents }]),
      ...(deskEvents.length === 0 ? [] : [{ stream: desk, last: deskLog.at(-1), unplaced: deskEvents }]),
    ],
    freed: lockEvents.some(isFreeing),
  }
}

/** Whether an event of the lock stream gives locks or a place in the line back, so that others may find their way free. */
export function isFreeing({ type }: Pick<Unplaced, 'type'>): boolean {
  return type === 'LocksReleased' || type === 'WaitEnded'
}

function lockEvent(decision: RunDecision, { run, step, documents, at, line }: MirroredStep): Unplaced[] {
  if (decision.type === 'LocksTaken') {
    const { token, until } = decision.data
    return [unplaced('LocksTaken', { run, keys: wanted(step, documents), token, until, ...numberOf(step) }, at)]
  }
  if (decision.type === 'LockAwaited') {
    const keys = wanted(step, documents)
    const { place } = decision.data
    if (place === undefined || isInLine(line, { run, keys, place })) return []
    return [unplaced('LocksAwaited', { run, keys, place, ...numberOf(step) }, at)]
  }
  if (decision.type === 'LocksRenewed') return [unplaced('LocksRenewed', { run, ...decision.data }, at)]
  if (decision.type === 'LocksReleased') return [unplaced('LocksReleased', { run, ...decision.data }, at)]
  return []
}

/** The keys that the run takes or waits for, all of them at once. */
function wanted({ state }: Step, documents: Documents): string[] {
  const plan = readDocument(documents, told(state.plan, 'the plan').hash, Plan)
  return [...keysOf(told(state.request, 'the request'), plan)]
}

function numberOf({ state }: Step): { readonly number?: number } {
  return state.pullRequest === null ? {} : { number: state.pullRequest.number }
}

function isInLine(line: LockState['queue'], one: Pick<Waiting, 'run' | 'keys' | 'place'>): boolean {
  return line.some(
    ({ run, keys, place }) => run === one.run && place === one.place && hashOf(keys) === hashOf(one.keys),
  )
}

/** Whatever leads a run out of its wait takes it out of the line; taking the locks does so by itself. */
function leavingLine({ step, run, line, at }: MirroredStep): Unplaced[] {
  const stays = step.state.phase === 'waiting_for_lock' || step.decisions.some(({ type }) => type === 'LocksTaken')
  if (stays || !line.some((waiting) => waiting.run === run)) return []
  return [unplaced('WaitEnded', { run }, at)]
}

function deskEvent(decision: RunDecision, { run, step, at }: MirroredStep): Unplaced[] {
  if (decision.type === 'RunRequested') {
    const { issue, requester, planner } = told(step.state.request, 'the request')
    const undoes = planner.is === 'rollback' ? { undoes: planner.run } : {}
    return [unplaced('RunOpened', { run, issue, requester: requester.id, ...undoes }, at)]
  }
  if (decision.type === 'PullRequestOpened') return [unplaced('RunBound', { run, number: decision.data.number }, at)]
  return []
}

function unplaced(type: string, data: Unplaced['data'], at: string): Unplaced {
  return { kind: 'decision', type, v: 1, data, by: 'agentos', at }
}
