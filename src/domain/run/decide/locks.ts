import { plus } from '../../clock.ts'
import { ask } from '../../gates/gate.ts'
import { lockHeldGate } from '../../gates/lock-held.ts'
import { aheadOf, inTheWay, type LockFacts } from '../../lock.ts'
import { keysOf } from '../../lock-keys.ts'
import type { Plan } from '../../packs/plan.ts'
import { type Deliberation, planOf, recordVerdicts, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { failRun } from './end.ts'
import { executePlan } from './execute.ts'

/** How long a lease lasts before it must be renewed. */
export const LEASE_MS = 6 * 3_600_000

/** Another run gave back what this one waits for. On a plain clone there is nothing to ask again before it goes on. */
export function decideFreed(d: Deliberation, { freed, locks }: EventData<'LockFreed'>): void {
  if (d.state().phase !== 'waiting_for_lock') return
  if (requestOf(d).venue === 'local') takeLocks(d, planOf(d), locks)
  else d.decide('LookedAgain', { freed })
}

/** Takes every lock and executes the plan, or waits. The local venue comes here without an observation. */
export function takeLocks(d: Deliberation, plan: Plan, locks: LockFacts): void {
  if (waits(d, plan, locks)) return
  const { run } = requestOf(d)
  const keys = keysOf(requestOf(d), plan)
  const token = locks.seq + 1
  const until = plus(d.at, LEASE_MS)
  d.decide('LocksTaken', { token, until })
  const held = keys.map((key) => ({ key, run, token, until }))
  const facts = { seq: token, held }
  const stopped = recordVerdicts(d, 'locks', [
    ask(lockHeldGate, { run, keys, token: d.state().locks?.token ?? null, facts, now: d.at }),
  ])
  if (stopped !== undefined) return failRun(d, stopped.gate, stopped.because)
  executePlan(d, plan)
}

/**
 * Whether somebody is in the way: then the run stands in line, holding nothing, and keeps the place that it had before. What
 * is left of a lease that was taken over in part is given back: whoever comes before this run in line may need it.
 */
export function waits(d: Deliberation, plan: Plan, locks: LockFacts): boolean {
  const { place, locks: left } = d.state()
  const { run } = requestOf(d)
  const way = inTheWay(locks, { run, keys: keysOf(requestOf(d), plan), place, now: d.at })
  if (way === undefined) return false
  if (left !== null) d.decide('LocksReleased', { token: left.token })
  const ahead = aheadOf(locks, place).map((one) => ({ run: one.run, since: one.since }))
  d.decide('LockAwaited', {
    holder: way.run,
    key: way.key,
    ...(way.number === undefined ? {} : { number: way.number }),
    ...(way.since === undefined ? {} : { since: way.since }),
    place: place ?? locks.seq + 1,
    ...(ahead.length === 0 ? {} : { ahead }),
  })
  return true
}
