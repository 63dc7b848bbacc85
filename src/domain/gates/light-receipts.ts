import type { Grant } from '../grant.ts'
import type { ObjectId, Sha256 } from '../hash.ts'
import { capabilityUsed } from '../job-capabilities.ts'
import type { Plan, Step } from '../packs/plan.ts'
import type { StepReceipt } from '../receipt.ts'
import { blocked, defineGate, passed } from './gate.ts'

type LightReceiptsFacts = {
  readonly plan: Pick<Plan, 'base' | 'manifest' | 'steps' | 'predictedTree'>
  readonly draft: Sha256 | null
  readonly grant: Grant
  /** The attested job that used the Grant up; null where GitHub attested none. */
  readonly job: string | null
  readonly receipts: readonly StepReceipt[]
  /** The tree that the job handed over. */
  readonly tree: ObjectId | null
}

/** Signatures were checked against the job's key before the receipts were recorded, and are checked by `verify`. */
export const lightReceiptsGate = defineGate<LightReceiptsFacts>({
  name: 'light-receipts',
  redLine: null,
  title:
    'In the light lane the receipts of the attested dry run lead, step by step, from the base to the approved tree',
  judge(facts) {
    const fault = faultInJob(facts) ?? faultInSteps(facts)
    return fault === undefined
      ? passed(`${facts.receipts.length} receipts of Grant ${facts.grant.id} lead to tree ${facts.plan.predictedTree}`)
      : blocked(fault)
  },
})

function faultInJob({ plan, draft, grant, job }: LightReceiptsFacts): string | undefined {
  if (job === null) return 'GitHub attested no job for the dry run'
  if (grant.purpose !== 'dry-run') return `Grant ${grant.id} is for another job than a dry run`
  if (draft === null || grant.subject.hash !== draft) return `Grant ${grant.id} is for another draft`
  if (grant.base.sha !== plan.base.sha || grant.base.tree !== plan.base.tree)
    return `Grant ${grant.id} is for another base`
  return grant.manifest === plan.manifest ? undefined : `Grant ${grant.id} is under another control plane`
}

function faultInSteps({ plan, grant, receipts, tree }: LightReceiptsFacts): string | undefined {
  if (receipts.length !== plan.steps.length) return `${receipts.length} receipts for ${plan.steps.length} steps`
  let before = plan.base.tree
  for (const [index, step] of plan.steps.entries()) {
    const receipt = receipts[index]
    if (receipt === undefined || !isOf(receipt, step, grant)) return `step ${step.id} has no receipt of this job`
    if (receipt.treeBefore !== before) return `step ${step.id} began on another tree than the step before it left`
    before = receipt.treeAfter
  }
  if (before !== plan.predictedTree) return `the last step left tree ${before}, approved is ${plan.predictedTree}`
  return tree === before ? undefined : 'the job handed over another tree than its last step left'
}

/** What a `run` step may write is settled by the dry run only, so that its Grant cannot have named it. */
function isOf(receipt: StepReceipt, step: Step, grant: Grant): boolean {
  const told = [receipt.grant, receipt.run, receipt.step, receipt.kind, receipt.outcome.is]
  const isGranted = step.is === 'run' || receipt.capability === capabilityUsed(step, grant.capabilities)
  return isGranted && [grant.id, grant.run, step.id, step.is, 'done'].every((one, at) => told[at] === one)
}
