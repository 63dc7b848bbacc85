import { hashOf } from '../domain/hash.ts'
import type { StreamName } from '../domain/ids.ts'
import { evolveLocks, type LockState, noLocks, type Waiting } from '../domain/lock.ts'
import { keysOf } from '../domain/lock-keys.ts'
import type { Documents } from '../domain/packs/documents.ts'
import { readDocument } from '../domain/packs/documents.ts'
import { Plan } from '../domain/packs/plan.ts'
import type { Transition } from '../domain/run/coordinator.ts'
import type { EventEnvelope, Unplaced } from '../domain/run/envelope.ts'
import type { RunDecision } from '../domain/run/events.ts'
import { told } from '../domain/run/state.ts'
import type { Ledger } from './ledger.ts'
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

type About = {
  readonly step: Transition
  readonly input: EventEnvelope
  readonly recording: Recording
  readonly lockLog: readonly EventEnvelope[]
  readonly documents: Documents
}

/**
 * What a run's decisions mean to the repository's own streams: its leases go to the lock stream, its issue and pull request
 * to the desk, in the same transaction. Once there is a plan the lock stream is expected where it was read: a token is never
 * stale.
 */
export async function mirrored(ledger: Pick<Ledger, 'read'>, about: About): Promise<Mirrored> {
  const { step, recording, lockLog } = about
  const locks: StreamName = `locks/${recording.repository}`
  const desk: StreamName = `desk/${recording.repository}`
  const lockEvents = [...step.decisions.flatMap((decision) => lockEvent(decision, about)), ...leavingLine(about)]
  const deskEvents = step.decisions.flatMap((decision) => deskEvent(decision, about))
  const deskLog = deskEvents.length === 0 ? [] : await ledger.read(desk)
  return {
    expect: [
      ...(step.state.plan === null && lockEvents.length === 0 ? [] : [{ stream: locks, seq: lockLog.length }]),
      ...(deskEvents.length === 0 ? [] : [{ stream: desk, seq: deskLog.length }]),
    ],
    events: [
      ...(lockEvents.length === 0 ? [] : [{ stream: locks, last: lockLog.at(-1), unplaced: lockEvents }]),
      ...(deskEvents.length === 0 ? [] : [{ stream: desk, last: deskLog.at(-1), unplaced: deskEvents }]),
    ],
    freed: lockEvents.some(({ type }) => type === 'LocksReleased' || type === 'WaitEnded'),
  }
}

function lockEvent(decision: RunDecision, about: About): Unplaced[] {
  const { recording, step, documents, input, lockLog } = about
  const { run } = recording
  const at = input.at
  if (decision.type === 'LocksTaken') {
    const { token, until } = decision.data
    return [unplaced('LocksTaken', { run, keys: wanted(step, documents), token, until, ...numberOf(step) }, at)]
  }
  if (decision.type === 'LockAwaited') {
    const keys = wanted(step, documents)
    const { place } = decision.data
    if (place === undefined || isInLine(lineOf(lockLog), { run, keys, place })) return []
    return [unplaced('LocksAwaited', { run, keys, place, ...numberOf(step) }, at)]
  }
  if (decision.type === 'LocksRenewed') return [unplaced('LocksRenewed', { run, ...decision.data }, at)]
  if (decision.type === 'LocksReleased') return [unplaced('LocksReleased', { run, ...decision.data }, at)]
  return []
}

/** The keys that the run takes or waits for, all of them at once. */
function wanted({ state }: Transition, documents: Documents): string[] {
  const plan = readDocument(documents, told(state.plan, 'the plan').hash, Plan)
  return [...keysOf(told(state.request, 'the request'), plan)]
}

function numberOf({ state }: Transition): { readonly number?: number } {
  return state.pullRequest === null ? {} : { number: state.pullRequest.number }
}

function lineOf(lockLog: readonly EventEnvelope[]): LockState['queue'] {
  return lockLog.reduce<LockState>(evolveLocks, noLocks).queue
}

function isInLine(line: LockState['queue'], one: Pick<Waiting, 'run' | 'keys' | 'place'>): boolean {
  return line.some(
    ({ run, keys, place }) => run === one.run && place === one.place && hashOf(keys) === hashOf(one.keys),
  )
}

/** Whatever leads a run out of its wait takes it out of the line; taking the locks does so by itself. */
function leavingLine({ step, recording: { run }, lockLog, input }: About): Unplaced[] {
  const stays = step.state.phase === 'waiting_for_lock' || step.decisions.some(({ type }) => type === 'LocksTaken')
  if (stays || !lineOf(lockLog).some((waiting) => waiting.run === run)) return []
  return [unplaced('WaitEnded', { run }, input.at)]
}

function deskEvent(decision: RunDecision, { recording: { run }, step, input }: About): Unplaced[] {
  if (decision.type === 'RunRequested') {
    const { issue, requester, planner } = told(step.state.request, 'the request')
    const undoes = planner.is === 'rollback' ? { undoes: planner.run } : {}
    return [unplaced('RunOpened', { run, issue, requester: requester.id, ...undoes }, input.at)]
  }
  if (decision.type === 'PullRequestOpened')
    return [unplaced('RunBound', { run, number: decision.data.number }, input.at)]
  return []
}

function unplaced(type: string, data: Unplaced['data'], at: string): Unplaced {
  return { kind: 'decision', type, v: 1, data, by: 'agentos', at }
}
