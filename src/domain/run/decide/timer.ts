import { plus } from '../../clock.ts'
import { type Deliberation, planOf, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { currentGrant, type RunState } from '../state.ts'
import { expireRun, failRun } from './end.ts'
import { issueGrant } from './grants.ts'
import { LEASE_MS, takeLocks } from './locks.ts'
import { askAgain } from './model.ts'
import { approveAgain } from './void.ts'

type Fired = EventData<'TimerFired'>

/** A due time has come. `about` names what it was set for, so that a timer that was overtaken changes nothing. */
export function decideTimer(d: Deliberation, fired: Fired): void {
  const act = timers[fired.name]
  if (act === undefined || !act(d, fired)) d.decide('NothingFollows', { because: 'the timer was overtaken by events' })
}

const timers: { readonly [name: string]: ((d: Deliberation, fired: Fired) => boolean) | undefined } = {
  __proto__: undefined,
  answers: (d, { about }) => {
    if (d.state().open?.pack !== about) return false
    expireRun(d, 'answers', 'nobody answered the questions in time; no default was taken')
    return true
  },
  approval: (d, { about }) => {
    const state = d.state()
    if (state.phase !== 'proposed' || state.plan?.hash !== about) return false
    expireRun(d, 'approval', 'nobody approved the plan in time')
    return true
  },
  claim: (d, { about }) => retryJob(d, about, 'open', 'no job claimed it in time'),
  job: (d, { about }) => retryJob(d, about, 'used', 'the job did not deliver in time'),
  lock: (d, { about, locks }) => {
    const { phase, wait } = d.state()
    if (phase !== 'waiting_for_lock' || String(wait?.at) !== about) return false
    if (requestOf(d).venue === 'local') takeLocks(d, planOf(d), locks)
    else d.decide('LookedAgain', {})
    return true
  },
  model: (d, { about }) => askAgain(d, about),
  lease: (d, { about }) => {
    const { locks, phase } = d.state()
    if (locks === null || String(locks.token) !== about || (phase !== 'executing' && phase !== 'delivered'))
      return false
    d.decide('LocksRenewed', { token: locks.token, until: plus(d.at, LEASE_MS) })
    return true
  },
}

/**
 * A Grant whose job stayed away or silent is revoked, so that a late delivery is refused. Another may be issued: for an
 * execution, only when GitHub, asked again, says that the approval and all it rests on still stand.
 */
function retryJob(d: Deliberation, id: string, use: 'open' | 'used', because: string): boolean {
  const state = d.state()
  const grant = currentGrant(state)
  if (grant?.id !== id || grant.use.is !== use || isDelivered(state, grant.purpose)) return false
  d.decide('GrantRevoked', { id, because })
  if (grant.purpose === 'draft') failRun(d, 'job', because)
  else if (grant.purpose === 'dry-run') issueGrant(d, grant.purpose)
  else approveAgain(d)
  return true
}

function isDelivered(state: RunState, purpose: string): boolean {
  return purpose === 'execute' ? state.delivery !== null : state.plan !== null
}
