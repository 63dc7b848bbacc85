import { plus } from '../../clock.ts'
import { type Deliberation, governedBy } from '../deliberation.ts'

/**
 * What was approved stands no more: the locks are given back and the plan waits for a new approval, with a new deadline where
 * the first one has passed unused.
 */
export function voidApprovals(d: Deliberation, rule: string, because: string): void {
  const { locks, proposed, rebased } = d.state()
  if (locks !== null) d.decide('LocksReleased', { token: locks.token })
  const isOver = proposed !== null && proposed.deadline <= d.at
  d.decide('ApprovalVoided', {
    rule,
    because,
    ...(isOver ? { deadline: plus(d.at, governedBy(d).policy.modes.approvalHours * 3_600_000) } : {}),
    ...(rebased.carried === null ? {} : { carried: true }),
  })
}

/** The plan may be executed once more under the approval that it has, unless a reviewer has asked for changes meanwhile. */
export function approveAgain(d: Deliberation): void {
  const { approvals, objection } = d.state()
  if (objection !== null) return voidApprovals(d, 'review', 'a reviewer requests changes')
  d.decide('RunApproved', { approvals: [...approvals] })
}
