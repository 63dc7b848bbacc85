import type { Step } from '../packs/plan.ts'
import type { StepReceipt } from '../receipt.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const lightVerifyGate = defineGate<{
  readonly steps: readonly Step[]
  readonly receipts: readonly StepReceipt[]
}>({
  name: 'light-verify',
  redLine: null,
  title: 'The light lane needs a check of the change that the dry run saw green',
  judge({ steps, receipts }) {
    const checks = steps.filter((step) => step.is === 'verify')
    if (checks.length === 0) return blocked('no step verifies the change')
    const red = checks.find(({ id }) => !receipts.some((receipt) => receipt.step === id && isGreen(receipt)))
    return red === undefined ? passed(`${checks.length} checks were green`) : blocked(`${red.id} was not seen green`)
  },
})

function isGreen({ kind, outcome, command }: StepReceipt): boolean {
  return kind === 'verify' && outcome.is === 'done' && command?.exitCode === 0
}
