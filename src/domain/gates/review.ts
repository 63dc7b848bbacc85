import type { z } from 'zod'
import type { ApprovalRule, Role } from '../control/policy.ts'
import { hasRole, type Person } from '../packs/people.ts'
import { blocked, defineGate, passed, type Verdict } from './gate.ts'

type ReviewFacts = {
  readonly reviewer: Person
  readonly login: string
  readonly requester: string
  /** Who wrote the pull request that the plan is taken from; null where it is taken from none. */
  readonly author: string | null
  readonly state: 'approved' | 'changes_requested' | 'commented' | 'dismissed' | 'absent'
  readonly commit: string | null
  readonly proposed: string | null
  /** Commits of plans before a rebase, whose approvals count on because the plan is the same in all but its base. */
  readonly carried: readonly string[]
  readonly rule: z.infer<typeof ApprovalRule>
  readonly highRisk: boolean
  readonly local: boolean
}

/** Judges one review: whether it counts as one of the approvals that a plan needs. */
export const reviewGate = defineGate<ReviewFacts>({
  name: 'review',
  redLine: null,
  title: 'An approval is a review by an entitled person, other than the requester, on the very plan commit',
  judge(facts) {
    if (facts.state !== 'approved') return blocked(`the review is ${facts.state}, not an approval`)
    if (facts.local) return passed('approved on this machine; GitHub attested nothing')
    return (
      faultInReviewer(facts) ??
      faultInCommit(facts) ??
      passed(`approved on ${facts.commit?.slice(0, 10) ?? ''} with ${facts.reviewer.role}`)
    )
  },
})

function faultInReviewer({ reviewer, login, rule, ...facts }: ReviewFacts): Verdict | undefined {
  const needed: Role = rule.role
  if (reviewer.kind !== 'User') return blocked('the review comes from a bot or an organisation')
  if (!hasRole(reviewer.role, needed)) return blocked(`approving needs ${needed}, the reviewer has ${reviewer.role}`)
  if (rule.approvers !== undefined && !rule.approvers.some((name) => name.toLowerCase() === login.toLowerCase()))
    return blocked('the policy names other people as approvers')
  return faultInOwn(reviewer, rule, facts)
}

/** Neither the request nor the change itself counts as a second pair of eyes. */
function faultInOwn(
  { id }: Person,
  { requester: allowed }: ReviewFacts['rule'],
  { requester, author, highRisk }: Pick<ReviewFacts, 'requester' | 'author' | 'highRisk'>,
): Verdict | undefined {
  if (id !== requester && id !== author) return undefined
  if (allowed === 'denied' && id === requester) return blocked('the requester cannot approve their own request')
  if (allowed === 'denied')
    return blocked('whoever wrote the pull request cannot approve the plan that is taken from it')
  return highRisk ? blocked('high risk is never approved by the requester alone') : undefined
}

function faultInCommit({ commit, proposed, carried }: ReviewFacts): Verdict | undefined {
  if (proposed === null) return blocked('nothing is proposed for approval')
  if (commit !== proposed && !carried.some((one) => one === commit))
    return blocked(`the review is on ${commit?.slice(0, 10) ?? 'no commit'}, the plan is ${proposed.slice(0, 10)}`)
  return undefined
}
