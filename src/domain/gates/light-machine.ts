import type { Drafter } from '../packs/plan.ts'
import type { StepReceipt } from '../receipt.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** A contractor is hostile until the gates have passed its work: it may have left something on the machine where it ran. */
export const lightMachineGate = defineGate<{
  readonly drafter: Drafter
  /** How many jobs this run started for a contractor to draft in. */
  readonly draftJobs: number
  readonly receipts: readonly StepReceipt[]
}>({
  name: 'light-machine',
  redLine: null,
  title: 'The light lane rests on a dry run in a job in which no contractor ran',
  judge({ drafter, draftJobs, receipts }) {
    if (drafter.is === 'contractor') return blocked(`the contractor ${drafter.name} drafted the change`)
    if (draftJobs > 0) return blocked('a contractor ran in a job of this run')
    const foreign = receipts.find(({ purpose }) => purpose !== 'dry-run')
    return foreign === undefined
      ? passed(`drafted by ${drafter.is}, tried in a job of its own`)
      : blocked(`the receipt of ${foreign.step} is of a ${foreign.purpose} job`)
  },
})
