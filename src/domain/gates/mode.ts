import type { Mode } from '../control/policy.ts'
import type { Draft, Risk } from '../packs/plan.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const modeGate = defineGate<{
  readonly mode: Mode
  readonly draft: Pick<Draft, 'steps' | 'noVerify' | 'assumptions'>
  readonly criteria: readonly string[]
  readonly risk: Risk['level']
}>({
  name: 'mode',
  redLine: null,
  title: 'full_auto goes on with full confidence or not at all',
  judge({ mode, draft, criteria, risk }) {
    if (mode !== 'full_auto') return passed(`${mode} leaves the doubt to people`)
    if (risk === 'high') return blocked('high risk is never full_auto')
    const [assumed] = draft.assumptions
    if (assumed !== undefined) return blocked(`full_auto assumes nothing, and this plan does about ${assumed.about}`)
    if (draft.noVerify !== null) return blocked('full_auto needs a verify step')
    const tied = new Set(draft.steps.flatMap((step) => (step.is === 'verify' ? step.criteria : [])))
    const loose = criteria.find((id) => !tied.has(id))
    if (loose !== undefined) return blocked(`criterion ${loose} is tied to no verify step`)
    return passed('every criterion is tied to a verify step')
  },
})
