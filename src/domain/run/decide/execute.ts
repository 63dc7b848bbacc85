import { commitTraceGate } from '../../gates/commit-trace.ts'
import { type Asked, ask } from '../../gates/gate.ts'
import { lightAgeGate } from '../../gates/light-age.ts'
import { lightOnceGate } from '../../gates/light-once.ts'
import { patchIdentityGate } from '../../gates/patch-identity.ts'
import { stepLogGate } from '../../gates/step-log.ts'
import { Grant } from '../../grant.ts'
import { readDocument } from '../../packs/documents.ts'
import { type Plan } from '../../packs/plan.ts'
import { type Deliberation, governedBy, recordVerdicts } from '../deliberation.ts'
import { told } from '../state.ts'
import { trailersFor } from '../trailers.ts'
import { traceFacts } from './commit.ts'
import { type DryRun, readDryRun } from './dry-run.ts'
import { failRun } from './end.ts'
import { issueGrant } from './grants.ts'
import { askDryRun } from './lane.ts'

/** What was approved is executed: by what the dry run measured, where the light lane still holds, else by a job of its own. */
export function executePlan(d: Deliberation, plan: Plan): void {
  if (plan.lane !== 'light') return issueGrant(d, 'execute')
  const dryRun = readDryRun(d, told(d.state().dryRun, 'the dry run'))
  const kept = recordVerdicts(d, 'reuse', [...askDryRun(d, plan, dryRun), askAge(d, dryRun), askOnce(d)])
  if (kept !== undefined || dryRun.since === null) return issueGrant(d, 'execute')
  reuse(d, plan, { ...dryRun, since: dryRun.since })
}

function askAge(d: Deliberation, { since }: DryRun): Asked {
  const { hours } = governedBy(d).policy.lanes.light
  return ask(lightAgeGate, { since, now: d.at, hours: hours ?? null })
}

function askOnce(d: Deliberation): Asked {
  const { waited, grants, plan, delivery } = d.state()
  const executions = grants.filter(
    ({ purpose, document }) =>
      purpose === 'execute' && readDocument(d.documents, document, Grant).subject.hash === plan?.hash,
  )
  return ask(lightOnceGate, { waited, executions: executions.length, delivered: delivery !== null })
}

/** The dry run's receipts become those of the execution, and the red lines of a delivery are asked of them. */
function reuse(d: Deliberation, plan: Plan, dryRun: DryRun & { readonly since: string }): void {
  const { hash } = told(d.state().plan, 'the plan')
  const { grant, document: delivery, since, reproduced } = dryRun
  const approvals = [...d.state().approvals]
  const tree = plan.predictedTree
  d.decide('DryRunReused', { plan: hash, dryRun: grant.id, delivery, since, tree, reproduced, approvals })
  const stopped = recordVerdicts(d, 'delivery', askDelivery(d, plan, dryRun))
  if (stopped !== undefined) return failRun(d, stopped.gate, stopped.because)
  d.decide('DeliveryRequested', { delivery, reproduced })
}

function askDelivery(d: Deliberation, plan: Plan, { grant, receipts, tree }: DryRun): readonly Asked[] {
  const state = d.state()
  const { steps, noVerify, edits, diffSha256, predictedTree } = plan
  const { expected, chain } = traceFacts(d, plan, 'delivery')
  const found = trailersFor(state, plan, d.documents, 'delivery')
  return [
    ask(stepLogGate, {
      purpose: 'dry-run',
      grant: grant.id,
      planned: state.plan !== null,
      steps,
      noVerify,
      receipts,
    }),
    ask(patchIdentityGate, {
      intent: state.intent,
      edits,
      declared: edits.map(({ path }) => path),
      statedDiff: diffSha256,
      observedDiff: null,
      predictedTree,
      observedTree: tree,
    }),
    ask(commitTraceGate, { found, expected, present: [], chain }),
  ]
}
