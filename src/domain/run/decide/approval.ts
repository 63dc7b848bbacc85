import { approvalsNeeded } from '../../control/policy.ts'
import { ask } from '../../gates/gate.ts'
import { reviewGate } from '../../gates/review.ts'
import type { Approval } from '../../grant.ts'
import { hasRole } from '../../packs/people.ts'
import { authorOf, type Deliberation, governedBy, planOf, recordVerdicts, requestOf, wordsOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { takeLocks } from './locks.ts'
import { voidApprovals } from './void.ts'

type Review = EventData<'ReviewSeen'>

/** A review was submitted or dismissed. Only an approval of the proposed plan by someone entitled moves the run. */
export function decideReview(d: Deliberation, review: Review): void {
  const { phase } = d.state()
  if (review.state === 'commented')
    return d.decide('NothingFollows', { because: 'a comment neither approves nor voids' })
  if (review.state !== 'approved') return objection(d, review)
  if (phase !== 'proposed') return decline(d, review, 'phase', phaseReason(phase))
  const stopped = recordVerdicts(d, 'review', [askReview(d, review)])
  if (stopped !== undefined) return decline(d, review, stopped.gate, stopped.because)
  count(d, review)
}

function phaseReason(phase: string): string {
  if (phase === 'approved' || phase === 'executing' || phase === 'waiting_for_lock')
    return 'the plan is approved already'
  return `no plan is waiting for approval; the run is ${phase}`
}

function askReview(d: Deliberation, review: Review) {
  const request = requestOf(d)
  const plan = planOf(d)
  return ask(reviewGate, {
    reviewer: review.author,
    login: wordsOf(d, review.words).login,
    requester: request.requester.id,
    author: authorOf(d),
    state: review.state,
    commit: review.commit,
    proposed: d.state().proposed?.commit ?? null,
    carried: [],
    rule: governedBy(d).policy.approve,
    highRisk: plan.risk.level === 'high',
    local: request.venue === 'local' && review.author.kind === 'Local',
  })
}

function count(d: Deliberation, review: Review): void {
  const plan = planOf(d)
  const { approve } = governedBy(d).policy
  const { venue } = requestOf(d)
  const approval: Approval = {
    authority: venue,
    reviewId: review.reviewId,
    userId: review.author.id,
    commit: review.commit ?? plan.base.sha,
    words: review.words,
  }
  const have = new Set([...d.state().approvals.map((one) => one.userId), approval.userId]).size
  const needed = venue === 'local' ? 1 : approvalsNeeded(approve, plan.lane)
  d.decide('ApprovalCounted', { approval, needed, have })
  if (have < needed) return
  d.decide('RunApproved', { approvals: [...d.state().approvals] })
  if (venue === 'local') takeLocks(d, plan, review.locks)
}

/** "Request changes" by someone with a say, or a dismissal, takes back what was approved as long as no job has claimed it. */
function objection(d: Deliberation, review: Review): void {
  const state = d.state()
  if (isKept(d, review)) return d.decide('ObjectionKept', { reviewId: review.reviewId, by: review.author.id })
  const idle = reasonToIgnore(d, review)
  if (idle !== null) return d.decide('NothingFollows', { because: idle })
  const grant = state.grants.at(-1)
  const because = review.state === 'dismissed' ? 'an approval was dismissed' : 'a reviewer requests changes'
  if (state.phase === 'executing' && grant !== undefined) d.decide('GrantRevoked', { id: grant.id, because })
  voidApprovals(d, 'review', because)
}

/**
 * What was approved is on its way: a job has claimed it, or it is being carried over to another base. That goes on, but the
 * approval counts for nothing that would begin afterwards.
 */
function isKept(d: Deliberation, { author, state: said }: Review): boolean {
  const { phase, grants, commitAsked, rebased } = d.state()
  if (said !== 'changes_requested' || !mayApprove(d, author)) return false
  if (phase === 'planning') return rebased.before !== null
  return phase === 'executing' && !commitAsked && grants.at(-1)?.use.is !== 'open'
}

export function mayApprove(d: Deliberation, author: Pick<Review['author'], 'kind' | 'role'>): boolean {
  return author.kind === 'User' && hasRole(author.role, governedBy(d).policy.approve.role)
}

const VOIDABLE: ReadonlySet<string> = new Set(['proposed', 'approved', 'waiting_for_lock', 'executing'])

function reasonToIgnore(d: Deliberation, { author, state, reviewId }: Review): string | null {
  const { approvals, phase, grants } = d.state()
  if (state === 'dismissed' && !approvals.some((one) => one.reviewId === reviewId))
    return 'the review that was dismissed is no approval of this plan'
  if (!mayApprove(d, author) && !approvals.some((one) => one.userId === author.id))
    return 'the review comes from someone whose approval would not count'
  if (phase === 'executing' && grants.at(-1)?.use.is !== 'open')
    return 'what was approved is being executed already: stop the run to end it'
  return VOIDABLE.has(phase) ? null : `the run is ${phase}`
}

function decline(d: Deliberation, review: Review, rule: string, because: string): void {
  d.decide('ApprovalDeclined', { reviewId: review.reviewId, rule, because })
}
