import type { EffectResult } from '../../effects.ts'
import { type Asked, ask } from '../../gates/gate.ts'
import { lockRebaseGate } from '../../gates/lock-rebase.ts'
import { hashOf } from '../../hash.ts'
import { readDocument } from '../../packs/documents.ts'
import { Plan } from '../../packs/plan.ts'
import { type Deliberation, governedBy, planOf, requestOf } from '../deliberation.ts'
import { type Rebased, told } from '../state.ts'
import { refuseRun } from './end.ts'
import { revokeGrants } from './grants.ts'

type Observation = EffectResult<'observe'>

/** As often as a run may be rebased where its policy, made by an earlier engine, does not say. */
const MOST_REBASES = 3

/** Red line 8, asked before the job is dispatched and before the commit is made, of a run that did not wait as well. */
export function askBase(d: Deliberation, plan: Plan, seen: Observation): Asked {
  return ask(lockRebaseGate, {
    waited: d.state().waited,
    planBase: plan.base.sha,
    currentBase: seen.baseHead,
    changed: seen.changedOnBase,
  })
}

/**
 * The plan is void for execution: its edits are carried over to the new base, tried again and proposed again. Locks and
 * Grants are given back, so that nothing that comes late counts; the place in the line is kept.
 */
export function rebaseRun(d: Deliberation, because: string, seen: Observation): void {
  const state = d.state()
  const { limits } = governedBy(d).policy
  const most = limits.rebases ?? MOST_REBASES
  const { times } = state.rebased
  if (times >= most)
    return refuseRun(d, 'rebase', `${because}; the run was rebased ${times} times, the policy allows ${most}`)
  revokeGrants(d, 'the base has moved under the plan')
  if (state.locks !== null) d.decide('LocksReleased', { token: state.locks.token })
  d.decide('RunRebased', {
    times: times + 1,
    base: { ref: requestOf(d).base.ref, sha: seen.baseHead },
    from: {
      base: planOf(d).base.sha,
      plan: told(state.plan, 'the plan').hash,
      draft: told(state.draft, 'the draft'),
      facts: told(state.draftFacts, 'the facts'),
      commit: told(told(state.proposed, 'the proposal').commit, 'the plan commit'),
    },
    because,
  })
}

/** The approvals count on where what was approved is the same in everything but the base that it stands on. */
export function carryApprovals(d: Deliberation, plan: Plan, before: Rebased['before']): void {
  if (before === null || before.approvals.length === 0) return
  if (!isSameButBase(readDocument(d.documents, before.plan, Plan), plan)) return
  const { hash } = told(d.state().plan, 'the plan')
  const { plan: from, approvals, commits } = before
  d.decide('ApprovalsCarried', {
    approvals: [...approvals],
    from,
    to: hash,
    diffSha256: plan.diffSha256,
    commits: [...commits],
  })
  d.decide('RunApproved', { approvals: [...approvals] })
}

/**
 * Nothing that a reviewer approved differs: not one path, mode or blob before or after (`diffSha256`), and no step, command,
 * frozen output, answer, risk, limit or lock. Only the base commit, its tree, the MemoryPack pinned to it and the tree that
 * follows may be others.
 */
export function isSameButBase(one: Plan, other: Plan): boolean {
  return hashOf(withoutBase(one)) === hashOf(withoutBase(other))
}

function withoutBase({ base, memory: _memory, predictedTree: _tree, ...rest }: Plan) {
  return { ...rest, ref: base.ref }
}
