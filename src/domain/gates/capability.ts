import { type Capabilities, type ModelAddress, modelDenied } from '../control/model-policy.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const capabilityGate = defineGate<ModelAddress & { readonly capabilities: Capabilities }>({
  name: 'capability',
  redLine: null,
  title: 'The planner asks only models that the policy names, at addresses that it names',
  judge({ capabilities, ...asked }) {
    const denied = modelDenied(capabilities, asked)
    return denied === undefined ? passed(`the planner may ask ${asked.model} at ${asked.host}`) : blocked(denied)
  },
})
