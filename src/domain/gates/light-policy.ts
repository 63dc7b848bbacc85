import type { Policy } from '../control/policy.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const lightPolicyGate = defineGate<Pick<Policy['lanes']['light'], 'enabled' | 'hours'>>({
  name: 'light-policy',
  redLine: null,
  title: 'The light lane is open where the policy opens it',
  judge({ enabled, hours }) {
    if (enabled !== true) return blocked('the policy does not open the light lane (`lanes.light.enabled`)')
    if (hours === undefined) return blocked('the policy does not say how long a dry run stands (`lanes.light.hours`)')
    return passed(`the policy opens the light lane; a dry run stands for ${hours} hours`)
  },
})
