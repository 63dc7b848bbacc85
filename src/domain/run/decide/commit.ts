import { z } from 'zod'
import { plus } from '../../clock.ts'
import type { EffectResult } from '../../effects.ts'
import { commitTraceGate } from '../../gates/commit-trace.ts'
import { type Asked, ask } from '../../gates/gate.ts'
import { patchIdentityGate } from '../../gates/patch-identity.ts'
import { aheadOf, heldInTheWay, type LockFacts } from '../../lock.ts'
import { keysOf } from '../../lock-keys.ts'
import { cutText } from '../../packs/cut-text.ts'
import { readDocument } from '../../packs/documents.ts'
import type { Plan } from '../../packs/plan.ts'
import { type Deliberation, governedBy, planOf, recordVerdicts, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { PERFORMER_TRAILERS, trailersFor, trailersIn } from '../trailers.ts'
import { failRun, recordReviewPack, refuseRun } from './end.ts'
import { carryApprovals } from './rebase.ts'

export const MAX_MESSAGE = 65_536

/** A commit's message as GitHub or git gave it back; of a longer one the end, where trailers stand. */
export const CommitMessage = z.strictObject({ v: z.literal(1), message: z.string().max(MAX_MESSAGE) })

type Purpose = 'plan' | 'delivery' | 'local'
type Committed = Extract<EffectResult<'commit'>, { is: 'committed' }>

export function commitSettled(
  d: Deliberation,
  result: EffectResult<'commit'>,
  input: EventData<'EffectSettled'>,
): void {
  if (result.is === 'moved')
    return refuseRun(
      d,
      'foreign-push',
      `the branch was moved to ${result.found ?? 'nothing'} by someone else; nothing was overwritten`,
    )
  if (result.is === 'different') return failRun(d, 'patch-identity', `the commit came out different: ${result.because}`)
  const { state, plan } = { state: d.state(), plan: planOf(d) }
  if (state.proposed === null) return propose(d, plan, result, input.locks)
  deliver(d, plan, result)
}

function propose(d: Deliberation, plan: Plan, result: Committed, locks: LockFacts | null): void {
  if (locks === null) return failRun(d, 'lock-held', 'the locks of this repository were not read')
  const stopped = recordVerdicts(d, 'plan-commit', [askIdentity(d, plan, result), askTrace(d, plan, result, 'plan')])
  if (stopped !== undefined) return failRun(d, stopped.gate, stopped.because)
  const deadline = plus(d.at, governedBy(d).policy.modes.approvalHours * 3_600_000)
  const { objection, rebased } = d.state()
  d.decide('PlanProposed', { commit: result.commit, tree: result.tree, deadline, ...inLine(d, plan, locks) })
  carryApprovals(d, plan, objection === null ? rebased.before : null)
}

/** Whom the run would wait for: what other runs hold of its keys, and how many stand in line for them already. */
function inLine(d: Deliberation, plan: Plan, locks: LockFacts) {
  const request = requestOf(d)
  const heldByOthers = heldInTheWay(locks, request.run, keysOf(request, plan), d.at)
    .slice(0, MOST_HELD)
    .map(({ token: _token, ...held }) => ({ ...held, key: cutText(held.key, MOST_KEY) }))
  const waiting = aheadOf(locks, d.state().place).length
  return { heldByOthers, ...(waiting === 0 ? {} : { waiting }) }
}

/** Enough to say whom the run would wait for. */
const MOST_HELD = 3
const MOST_KEY = 500

function deliver(d: Deliberation, plan: Plan, result: Committed): void {
  const purpose = d.state().request?.venue === 'local' ? 'local' : 'delivery'
  const stopped = recordVerdicts(d, 'commit', [askIdentity(d, plan, result), askTrace(d, plan, result, purpose)])
  if (stopped !== undefined) return failRun(d, stopped.gate, stopped.because)
  const { commit, tree, diffSha256 } = result
  const pack = recordReviewPack(d, {
    state: 'delivered',
    rule: null,
    because: 'the approved tree was delivered',
    delivered: { commit, tree, diffSha256 },
  })
  if (pack === null) return
  d.decide('RunDelivered', { commit, tree, diffSha256, pack })
}

function askIdentity(d: Deliberation, plan: Plan, result: Committed): Asked {
  return ask(patchIdentityGate, {
    intent: d.state().intent,
    edits: plan.edits,
    declared: plan.edits.map((edit) => edit.path),
    statedDiff: plan.diffSha256,
    observedDiff: result.diffSha256,
    predictedTree: plan.predictedTree,
    observedTree: result.tree,
  })
}

function askTrace(d: Deliberation, plan: Plan, result: Committed, purpose: Purpose): Asked {
  const { message } = readDocument(d.documents, result.message, CommitMessage)
  return ask(commitTraceGate, { found: trailersIn(message), ...traceFacts(d, plan, purpose) })
}

/** What red line 7 expects of this run's commit. */
export function traceFacts(d: Deliberation, plan: Plan, purpose: Purpose) {
  const state = d.state()
  return {
    expected: trailersFor(state, plan, d.documents, purpose),
    present: purpose === 'local' ? [] : PERFORMER_TRAILERS,
    chain: {
      plan: state.plan?.hash ?? null,
      approvals: state.approvals.length,
      request: state.request?.run ?? null,
      needsApproval: purpose !== 'plan',
    },
  }
}
