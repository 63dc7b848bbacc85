import type { Step } from '../packs/plan.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** What a command brought forth is run again before it lands, to see whether it comes out the same. */
export const lightStepsGate = defineGate<{ readonly steps: readonly Step[] }>({
  name: 'light-steps',
  redLine: null,
  title: 'In the light lane every byte that lands is an edit: no command writes any of them',
  judge({ steps }) {
    const run = steps.find((step) => step.is === 'run')
    if (run !== undefined)
      return blocked(`step ${run.id} writes what lands, and is run again to see whether it repeats`)
    return steps.some((step) => step.is === 'edit')
      ? passed('every byte that lands is an edit')
      : blocked('no step edits anything')
  },
})
