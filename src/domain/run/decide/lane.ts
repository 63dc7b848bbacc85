import { type Asked, ask } from '../../gates/gate.ts'
import { lightMachineGate } from '../../gates/light-machine.ts'
import { lightPathsGate } from '../../gates/light-paths.ts'
import { lightPolicyGate } from '../../gates/light-policy.ts'
import { lightReceiptsGate } from '../../gates/light-receipts.ts'
import { lightRiskGate } from '../../gates/light-risk.ts'
import { lightSizeGate } from '../../gates/light-size.ts'
import { lightStepsGate } from '../../gates/light-steps.ts'
import { lightTextGate } from '../../gates/light-text.ts'
import { lightVerifyGate } from '../../gates/light-verify.ts'
import { readDocument } from '../../packs/documents.ts'
import type { Examined } from '../../packs/examined.ts'
import { FabricationFacts } from '../../packs/fabrication-facts.ts'
import type { Plan } from '../../packs/plan.ts'
import { laneFor } from '../../risk.ts'
import { type Deliberation, governedBy, recordVerdicts } from '../deliberation.ts'
import { told } from '../state.ts'
import { type DryRun, readDryRun } from './dry-run.ts'

type Tried = { readonly document: string; readonly receipts: readonly string[]; readonly examined: Examined | null }

/**
 * Settles the lane of a plan that was just tried. Light only where every condition holds; each that does not is on record,
 * and the card says it.
 */
export function inLane(d: Deliberation, plan: Plan, tried: Tried): Plan {
  const lane = laneFor(plan.risk)
  if (lane === 'high') return { ...plan, lane }
  const kept = recordVerdicts(d, 'lane', askLight(d, plan, { ...readDryRun(d, tried), examined: tried.examined }))
  return { ...plan, lane: kept === undefined ? 'light' : lane }
}

function askLight(d: Deliberation, plan: Plan, tried: DryRun & Pick<Tried, 'examined'>): readonly Asked[] {
  const { policy } = governedBy(d)
  const { light } = policy.lanes
  const { edits, steps } = plan
  const { examined, receipts } = tried
  const { commands } = readDocument(d.documents, told(d.state().draftFacts, 'the facts'), FabricationFacts)
  const lines = examined === null ? null : examined.added + examined.removed
  return [
    ask(lightPolicyGate, light),
    ask(lightRiskGate, plan.risk),
    ask(lightTextGate, { edits, unread: examined?.unread ?? null }),
    ask(lightSizeGate, { files: edits.length, lines, limits: light }),
    ask(lightPathsGate, { paths: edits.map(({ path }) => path), steps, policy, commands }),
    ask(lightStepsGate, { steps }),
    ask(lightVerifyGate, { steps, receipts }),
    ...askDryRun(d, plan, tried),
  ]
}

/** What is asked of the dry run both when the lane is chosen and when its receipts are to stand for the execution. */
export function askDryRun(d: Deliberation, plan: Plan, { receipts, grant, job, tree }: DryRun): readonly Asked[] {
  const { draft, grants } = d.state()
  const draftJobs = grants.filter(({ purpose }) => purpose === 'draft').length
  return [
    ask(lightMachineGate, { drafter: plan.drafter, draftJobs, receipts }),
    ask(lightReceiptsGate, { plan, draft, grant, job, receipts, tree }),
  ]
}
