import type { Step } from '../packs/plan.ts'
import type { StepReceipt } from '../receipt.ts'
import { blocked, defineGate, passed, type Verdict } from './gate.ts'

type StepLogFacts = {
  readonly purpose: 'dry-run' | 'execute'
  readonly grant: string
  readonly planned: boolean
  readonly steps: readonly Step[]
  readonly noVerify: string | null
  readonly receipts: readonly StepReceipt[]
}

export const stepLogGate = defineGate<StepLogFacts>({
  name: 'step-log',
  redLine: 4,
  title: 'Every declared step has its signed receipt, in order: plan, apply, verify',
  judge(facts) {
    if (!facts.planned) return blocked('no plan is on record before these steps')
    return (
      faultInPhases(facts.steps, facts.noVerify) ??
      faultInReceipts(facts) ??
      passed(`${facts.receipts.length} receipts in order`)
    )
  },
})

function faultInPhases(steps: readonly Step[], noVerify: string | null): Verdict | undefined {
  if (!steps.some((step) => step.is === 'edit' || step.is === 'run')) return blocked('no step applies anything')
  if (noVerify === null && !steps.some((step) => step.is === 'verify'))
    return blocked('no step verifies, and no reason is given')
  return undefined
}

function faultInReceipts({ steps, receipts, grant, purpose }: StepLogFacts): Verdict | undefined {
  for (const [index, step] of steps.entries()) {
    const receipt = receipts[index]
    if (receipt === undefined) return blocked(`step ${step.id} has no receipt`)
    const fits = receipt.step === step.id && receipt.kind === step.is && receipt.index === index
    if (!fits) return blocked(`receipt ${index} is of ${receipt.step}, the plan says ${step.id}`)
    if (receipt.grant !== grant || receipt.purpose !== purpose)
      return blocked(`the receipt of ${step.id} belongs to another job`)
    if (receipt.outcome.is !== 'done') return blocked(`step ${step.id} failed: ${receipt.outcome.because}`)
  }
  return receipts.length > steps.length ? blocked('there are receipts of steps that the plan does not have') : undefined
}
