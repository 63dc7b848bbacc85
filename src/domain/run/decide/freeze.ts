import { plus } from '../../clock.ts'
import type { Policy } from '../../control/policy.ts'
import { budgetGate } from '../../gates/budget.ts'
import { type Asked, ask } from '../../gates/gate.ts'
import { hygieneGate } from '../../gates/hygiene.ts'
import { modeGate } from '../../gates/mode.ts'
import { patchIdentityGate } from '../../gates/patch-identity.ts'
import { scopeGate } from '../../gates/scope.ts'
import { secretsGate } from '../../gates/secrets.ts'
import { hashOf } from '../../hash.ts'
import { locksOf } from '../../lock-keys.ts'
import { readDocument } from '../../packs/documents.ts'
import { Examined } from '../../packs/examined.ts'
import { Intent } from '../../packs/intent.ts'
import type { ContentRef, Draft, Plan, Step } from '../../packs/plan.ts'
import { comparePaths, type Edit, sameState } from '../../patch/edit.ts'
import { diffSha256 } from '../../patch/raw-diff.ts'
import type { Delivery } from '../../receipt.ts'
import { assessRisk, laneFor } from '../../risk.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { told } from '../state.ts'
import { failRun, refuseRun } from './end.ts'
import { limitsOf } from './grants.ts'
import { inLane } from './lane.ts'
import { nextAfter } from './next.ts'

/** The dry run settles the Plan: its frozen outputs become exact bytes, its tree the predicted tree. */
export function freezePlan(
  d: Deliberation,
  draft: Draft,
  delivery: Delivery,
  input: EventData<'RunnerDelivered'>,
): void {
  const { policy } = governedBy(d)
  const steps = draft.steps.map((step): Step => {
    if (step.is !== 'run') return step
    return { ...step, frozen: delivery.frozen.find((one) => one.step === step.id)?.edits ?? [] }
  })
  const edits = combine(steps)
  if (edits.length === 0)
    return refuseRun(d, 'nothing-to-do', 'the plan changes nothing: what it asks for is already there')
  if (delivery.tree === null) return failRun(d, 'dry-run', 'the dry run reported no tree')
  const contents = contentsOf(edits, [...draft.contents, ...delivery.frozen.flatMap((one) => one.contents)])
  const plan = planFrom(draft, { steps, edits, contents, predictedTree: delivery.tree }, policy)
  const seen = examinedOf(d, input)
  const stopped = recordVerdicts(d, 'frozen', [
    ask(hygieneGate, seen),
    ask(secretsGate, { secrets: seen?.secrets, policy }),
    ask(scopeGate, { edits, policy }),
    ask(budgetGate, { edits, contents, limits: policy.limits }),
    askMode(d, plan),
  ])
  if (stopped !== undefined) return refuseRun(d, stopped.gate, stopped.because, nextAfter(d, stopped))
  const { receipts, examined } = input
  const settled = inLane(d, plan, { document: input.delivery, receipts, examined: seen })
  d.decide('PlanFrozen', { plan: d.keep(settled), lane: settled.lane, delivery: input.delivery, receipts, examined })
  if (requestOf(d).venue === 'local') proposeLocally(d, settled)
}

type Frozen = Pick<Plan, 'steps' | 'edits' | 'contents' | 'predictedTree'>

function planFrom(draft: Draft, frozen: Frozen, policy: Policy): Plan {
  const { v, intent, memory, manifest, answers, assumptions, base, drafter, noVerify, reads } = draft
  const risk = assessRisk(frozen, policy)
  return {
    v,
    intent,
    memory,
    manifest,
    answers,
    assumptions,
    base,
    drafter,
    noVerify,
    reads,
    ...frozen,
    diffSha256: diffSha256(frozen.edits),
    locks: lockKeys(frozen),
    risk,
    lane: laneFor(risk),
    limits: limitsOf(policy),
  }
}

function lockKeys({ edits, steps }: Pick<Plan, 'edits' | 'steps'>): string[] {
  return locksOf(
    edits.map(({ path }) => path),
    steps,
  )
}

function examinedOf(d: Deliberation, input: EventData<'RunnerDelivered'>): Examined | null {
  return input.examined === null ? null : readDocument(d.documents, input.examined, Examined)
}

/** A finished Plan that was made elsewhere is taken up when it is what this very request comes to. */
export function submitPlan(d: Deliberation, plan: Plan): void {
  const { policy } = governedBy(d)
  const foreign = foreignPart(d, plan)
  if (foreign !== undefined) {
    const because = `the plan has another ${foreign} than this request gives it`
    return refuseRun(d, 'freshness', because, 'plan again on this base')
  }
  const stopped = recordVerdicts(d, 'submitted', [
    ask(scopeGate, { edits: plan.edits, policy }),
    ask(budgetGate, { edits: plan.edits, contents: plan.contents, limits: policy.limits }),
    askMode(d, plan),
    ask(patchIdentityGate, {
      intent: plan.intent,
      edits: plan.edits,
      declared: combine(plan.steps).map((edit) => edit.path),
      statedDiff: plan.diffSha256,
      observedDiff: diffSha256(combine(plan.steps)),
      predictedTree: plan.predictedTree,
      observedTree: plan.predictedTree,
    }),
  ])
  if (stopped !== undefined) return refuseRun(d, stopped.gate, stopped.because)
  d.decide('PlanFrozen', { plan: d.keep(plan), lane: plan.lane, delivery: null, receipts: [], examined: null })
  proposeLocally(d, plan)
}

/** What of a plan file is not what it is made from here: nothing that can be known is believed. */
function foreignPart(d: Deliberation, plan: Plan): string | undefined {
  const request = requestOf(d)
  const state = d.state()
  const memory = told(state.memory, 'the MemoryPack')
  const { policy } = governedBy(d)
  const risk = assessRisk(plan, policy)
  return firstDifference([
    ['intent', plan.intent, told(state.intent, 'the intent')],
    ['base', plan.base.sha, request.base.sha],
    ['base tree', plan.base.tree, memory.tree],
    ['MemoryPack', plan.memory, memory.pack],
    ['control plane', plan.manifest, request.manifest],
    ['risk', hashOf(plan.risk), hashOf(risk)],
    ['lane', plan.lane, laneFor(risk)],
    ['limits', hashOf(plan.limits), hashOf(limitsOf(policy))],
    ['locks', hashOf(plan.locks), hashOf(lockKeys(plan))],
  ])
}

/** Asked of the whole plan: what a command brought forth may be riskier than what was drafted. */
function askMode(d: Deliberation, plan: Plan): Asked {
  const { intent: named, mode } = d.state()
  const intent = readDocument(d.documents, told(named, 'the intent'), Intent)
  return ask(modeGate, { mode, intent, draft: plan, risk: plan.risk.level })
}

function proposeLocally(d: Deliberation, plan: Plan): void {
  const deadline = plus(d.at, governedBy(d).policy.modes.approvalHours * 3_600_000)
  d.decide('PlanProposed', { commit: null, tree: plan.predictedTree, deadline, heldByOthers: [] })
}

/** The whole change of all steps, in git's order: for each path from its state at the base to its last state. */
export function combine(steps: readonly Step[]): Edit[] {
  const byPath = new Map<string, Edit>()
  for (const step of steps) {
    const edits = step.is === 'edit' ? step.edits : step.is === 'run' ? (step.frozen ?? []) : []
    for (const edit of edits) byPath.set(edit.path, { ...edit, before: (byPath.get(edit.path) ?? edit).before })
  }
  return [...byPath.values()]
    .filter((edit) => !sameState(edit.before, edit.after))
    .sort((a, b) => comparePaths(a.path, b.path))
}

function contentsOf(edits: readonly Edit[], known: readonly ContentRef[]): ContentRef[] {
  const wanted = new Set(edits.flatMap((edit) => (edit.after === null ? [] : [edit.after.blob])))
  const byBlob = new Map(known.filter((one) => wanted.has(one.blob)).map((one) => [one.blob, one]))
  return [...byBlob.values()].sort((a, b) => (a.blob < b.blob ? -1 : 1))
}

function firstDifference(pairs: readonly (readonly [string, string, string])[]): string | undefined {
  return pairs.find(([, one, other]) => one !== other)?.[0]
}
