import { ask } from '../../gates/gate.ts'
import { reviewPackGate } from '../../gates/review-pack.ts'
import type { ObjectId, Sha256 } from '../../hash.ts'
import { BrokenRecord } from '../../packs/documents.ts'
import type { Undone } from '../../packs/landed.ts'
import type { ReviewPack } from '../../packs/review-pack.ts'
import { accountFor } from '../account.ts'
import { type Deliberation, recordVerdicts } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { currentGrant, isFinal, type RunState } from '../state.ts'

function again(d: Deliberation): string {
  if (d.state().request?.planner.is === 'rollback') return 'say `/agentos rollback` again when this is settled'
  if (d.state().request?.via.is === 'schedule') return 'settle this before the schedule rule is due again'
  return 'say `/agentos plan` again on the issue when this is settled'
}

export function refuseRun(d: Deliberation, rule: string, because: string, next: string = again(d)): void {
  end(d, { state: 'refused', rule, because }, () => d.decide('RunRefused', { rule, because: cut(because), next }))
}

export function failRun(d: Deliberation, rule: string, because: string, next: string = again(d)): void {
  end(d, { state: 'failed', rule, because }, () => d.decide('RunFailed', { rule, because: cut(because), next }))
}

export function cancelRun(d: Deliberation, by: string, because: string): void {
  end(d, { state: 'cancelled', rule: 'stop', because }, () =>
    d.decide('RunCancelled', { by, because: cut(because), next: 'say `/agentos plan` on the issue to begin anew' }),
  )
}

export function expireRun(d: Deliberation, what: string, because: string): void {
  end(d, { state: 'expired', rule: 'deadline', because }, () =>
    d.decide('RunExpired', { what, because: cut(because), next: 'say `/agentos plan` on the issue to begin anew' }),
  )
}

export function closeRun(d: Deliberation, because: string, by?: string): void {
  const who = by === undefined ? {} : { by }
  end(d, { state: 'closed', rule: 'closed', because }, () => d.decide('RunClosed', who))
}

export function rolledBackRun(d: Deliberation, data: EventData<'RunRolledBack'>): void {
  const because = cut(data.because)
  end(d, { state: 'rolled_back', rule: 'rollback', because }, () => d.decide('RunRolledBack', { ...data, because }))
}

/** What the account says of the end; `delivered` where the delivery is what is about to be decided. */
type About = {
  readonly state: ReviewPack['state']
  readonly rule: string | null
  readonly because: string
  readonly delivered?: NonNullable<RunState['delivered']>
  readonly undone?: Undone
  /** The merge commit, where the trailers do not lead to it. */
  readonly landedAs?: ObjectId
}

/** Puts the ReviewPack on record under red line 5; false when there is none, so that nothing final may follow. */
export function recordReviewPack(d: Deliberation, about: About): Sha256 | null {
  const account = tryAccount(d, about)
  const pack = account.is === 'made' ? d.quote(account.pack) : null
  const missing = account.is === 'missing' ? account.because : null
  const stopped = recordVerdicts(d, 'end', [ask(reviewPackGate, { pack, missing })])
  if (stopped !== undefined) return null
  if (pack !== null) d.decide('ReviewPackRecorded', { pack, state: about.state })
  return pack
}

function end(
  d: Deliberation,
  about: { readonly state: ReviewPack['state']; readonly rule: string; readonly because: string },
  conclude: () => void,
): void {
  if (isFinal(d.state().phase)) return
  letGo(d, about.because)
  const recorded = d.decisions.length
  const pack = recordReviewPack(d, { ...about, because: cut(about.because) })
  const passed = d.decisions.slice(recorded).every((one) => one.type !== 'GatesAsked' || one.data.blocked === null)
  if (pack !== null || passed) conclude()
}

/** Gives back what the run holds: its Grant and its locks. */
function letGo(d: Deliberation, because: string): void {
  const grant = currentGrant(d.state())
  if (grant !== null && grant.use.is !== 'revoked' && !isSpent(d.state(), grant.id))
    d.decide('GrantRevoked', { id: grant.id, because: cut(because) })
  const { locks } = d.state()
  if (locks !== null) d.decide('LocksReleased', { token: locks.token })
}

function isSpent(state: RunState, id: string): boolean {
  const grant = state.grants.find((one) => one.id === id)
  if (grant?.purpose === 'dry-run') return state.plan !== null
  return state.delivered !== null
}

type Account = { readonly is: 'made'; readonly pack: ReviewPack } | { readonly is: 'missing'; readonly because: string }

function tryAccount(d: Deliberation, { delivered, ...about }: About): Account {
  const state = delivered === undefined ? d.state() : { ...d.state(), delivered }
  try {
    return { is: 'made', pack: accountFor(state, d.documents, about) }
  } catch (error) {
    if (error instanceof BrokenRecord) return { is: 'missing', because: error.message }
    throw error
  }
}

function cut(text: string): string {
  return text.length <= 900 ? text : `${text.slice(0, 900)}…`
}
