import type { Risk } from '../packs/plan.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const lightRiskGate = defineGate<Risk>({
  name: 'light-risk',
  redLine: null,
  title: 'The light lane takes changes of low risk',
  judge({ level, reasons }) {
    if (level === 'low') return passed('the risk is low')
    const [worst] = reasons
    return blocked(`the risk is ${level}${worst === undefined ? '' : ` (${worst.rule}: ${worst.about.slice(0, 200)})`}`)
  },
})
