import { approvalsNeeded } from '../../control/policy.ts'
import type { EffectResult } from '../../effects.ts'
import { authorityGate } from '../../gates/authority.ts'
import { commitTraceGate } from '../../gates/commit-trace.ts'
import { freshnessGate } from '../../gates/freshness.ts'
import { type Asked, ask } from '../../gates/gate.ts'
import { lockHeldGate } from '../../gates/lock-held.ts'
import { noFabricationGate } from '../../gates/no-fabrication.ts'
import { reviewGate } from '../../gates/review.ts'
import type { LockFacts } from '../../lock.ts'
import { keysOf } from '../../lock-keys.ts'
import { readDocument } from '../../packs/documents.ts'
import { FabricationFacts } from '../../packs/fabrication-facts.ts'
import { Draft, type Plan } from '../../packs/plan.ts'
import { authorOf, type Deliberation, governedBy, planOf, recordVerdicts, requestOf, wordsOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { told } from '../state.ts'
import { trailersFor } from '../trailers.ts'
import { mayApprove } from './approval.ts'
import { traceFacts } from './commit.ts'
import { failRun, refuseRun } from './end.ts'
import { takeLocks, waits } from './locks.ts'
import { answersOf, askMemory } from './planning.ts'
import { askBase, rebaseRun } from './rebase.ts'
import { askSchedule } from './request.ts'
import { askedRight } from './rollback.ts'
import { voidApprovals } from './void.ts'

type Observation = EffectResult<'observe'>

/** GitHub was asked again at the moment of use: before the job is dispatched, and before the commit is made. */
export function observed(d: Deliberation, seen: Observation, input: EventData<'EffectSettled'>): void {
  const { locks } = input
  const { phase, delivery, commitAsked } = d.state()
  const isCommit = phase === 'executing' && delivery !== null && !commitAsked
  if (!isCommit && phase !== 'approved' && phase !== 'waiting_for_lock')
    return d.decide('NothingFollows', { because: `the run is ${phase}` })
  if (locks === null) return failRun(d, 'lock-held', 'the locks of this repository were not read')
  return isCommit ? beforeCommit(d, seen, locks) : beforeDispatch(d, seen, locks)
}

function beforeDispatch(d: Deliberation, seen: Observation, locks: LockFacts): void {
  const plan = planOf(d)
  if (!isOfThese(d, seen))
    return d.decide('NothingFollows', {
      because: 'it was asked before the newest approval, which is asked for by itself',
    })
  const voided = recordVerdicts(d, 'approval', askReviews(d, plan, seen))
  if (voided !== undefined) return voidApprovals(d, voided.gate, voided.because)
  const stopped = recordVerdicts(d, 'dispatch', [
    askRequester(d, seen),
    askSchedule(d, requestOf(d)),
    askFreshness(d, plan, seen),
    askMemory(d, told(d.state().memory, 'the MemoryPack').pack, plan.base.tree),
    askFabrication(d),
    askBase(d, plan, seen),
  ])
  if (stopped === undefined) return takeLocks(d, plan, locks)
  if (stopped.gate !== 'lock-rebase') return refuseRun(d, stopped.gate, stopped.because)
  if (!waits(d, plan, locks)) rebaseRun(d, stopped.because, seen)
}

function beforeCommit(d: Deliberation, seen: Observation, locks: LockFacts): void {
  const plan = planOf(d)
  const { expected, chain } = traceFacts(d, plan, 'delivery')
  const stopped = recordVerdicts(d, 'before-commit', [
    askFreshness(d, plan, seen),
    ask(lockHeldGate, {
      run: requestOf(d).run,
      keys: keysOf(requestOf(d), plan),
      token: d.state().locks?.token ?? null,
      facts: locks,
      now: d.at,
    }),
    ask(commitTraceGate, {
      found: trailersFor(d.state(), plan, d.documents, 'delivery'),
      expected,
      present: [],
      chain,
    }),
    askBase(d, plan, seen),
  ])
  if (stopped === undefined) return requestDelivery(d)
  if (stopped.gate === 'lock-rebase') return rebaseRun(d, stopped.because, seen)
  refuseRun(d, stopped.gate, stopped.because)
}

export function requestDelivery(d: Deliberation): void {
  const { document, reproduced } = told(d.state().delivery, 'the delivery')
  d.decide('DeliveryRequested', { delivery: document, reproduced })
}

/** Every approval brings a look of its own; an earlier one that knows nothing of it says nothing about it. */
function isOfThese(d: Deliberation, { reviews }: Observation): boolean {
  return d.state().approvals.every(({ reviewId }) => reviews.some((one) => one.reviewId === reviewId))
}

/** Every approval on record must still stand, live, and nobody else object since; else the plan waits for a new one. */
function askReviews(d: Deliberation, plan: Plan, seen: Observation): Asked[] {
  const state = d.state()
  const request = requestOf(d)
  const { approve } = governedBy(d).policy
  const needed = approvalsNeeded(approve, plan.lane)
  const carried = state.rebased.carried?.commits ?? []
  const asked = state.approvals.map((approval) => {
    const live = seen.reviews.find((one) => one.reviewId === approval.reviewId && one.userId === approval.userId)
    return ask(reviewGate, {
      reviewer: { id: approval.userId, kind: 'User', role: live?.role ?? 'none' },
      login: wordsOf(d, approval.words).login,
      requester: request.requester.id,
      author: authorOf(d),
      state: live?.state ?? 'absent',
      commit: live?.commit ?? null,
      proposed: state.proposed?.commit ?? null,
      carried,
      rule: approve,
      highRisk: plan.risk.level === 'high',
      local: false,
    })
  })
  const enough: Asked =
    state.approvals.length >= needed
      ? { gate: 'review', is: 'passed', because: `${state.approvals.length} of ${needed} approvals` }
      : { gate: 'review', is: 'blocked', because: `${state.approvals.length} of ${needed} approvals` }
  return [...asked, enough, ...askObjections(d, seen)]
}

function askObjections(d: Deliberation, { objections = [] }: Observation): Asked[] {
  const found = objections.find(({ by }) => mayApprove(d, by))
  const because = `review ${found?.reviewId ?? ''} requests changes since the approval`
  return found === undefined ? [] : [{ gate: 'review', is: 'blocked', because }]
}

function askRequester(d: Deliberation, seen: Observation): Asked {
  const request = requestOf(d)
  const { enabled } = governedBy(d).policy
  return ask(authorityGate, {
    ...askedRight(d),
    person: { ...request.requester, role: seen.requesterRole },
    scheduled: request.via.is === 'schedule',
    enabled,
  })
}

function askFreshness(d: Deliberation, plan: Plan, seen: Observation): Asked {
  return ask(freshnessGate, {
    head: seen.head,
    expectedHead: told(told(d.state().proposed, 'the proposal').commit, 'the plan commit'),
    pullRequest: seen.state,
    baseRef: seen.baseRef,
    planBaseRef: requestOf(d).base.ref,
    manifest: seen.manifest,
    planManifest: plan.manifest,
  })
}

function askFabrication(d: Deliberation): Asked {
  const state = d.state()
  const request = requestOf(d)
  const draft = readDocument(d.documents, told(state.draft, 'the draft'), Draft)
  const facts = readDocument(d.documents, told(state.draftFacts, 'the facts'), FabricationFacts)
  return ask(noFabricationGate, {
    draft,
    facts,
    policy: governedBy(d).policy,
    expected: {
      intent: told(state.intent, 'the intent'),
      memory: told(state.memory, 'the MemoryPack').pack,
      manifest: request.manifest,
      base: request.base.sha,
      answers: answersOf(d),
    },
  })
}
