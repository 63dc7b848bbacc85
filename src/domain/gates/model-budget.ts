import type { Limits } from '../control/policy.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** Less than this is no room for an answer. */
export const MIN_OUTPUT_TOKENS = 500

export const modelBudgetGate = defineGate<{
  readonly turn: number
  /** Calls made before this one. */
  readonly calls: number
  readonly inputTokens: number
  /** What is left for the answer. */
  readonly outputTokens: number
  /** What the call may cost at most, with all before it; null where a price is not known. */
  readonly costMicroUsd: number | null
  readonly limits: Pick<Limits, 'modelTurns' | 'modelCalls' | 'tokens' | 'costMicroUsd'>
}>({
  name: 'model-budget',
  redLine: null,
  title: 'A model is asked only within the turns, calls, tokens and costs that the policy allows a run',
  judge({ turn, calls, inputTokens, outputTokens, costMicroUsd, limits }) {
    if (turn > limits.modelTurns)
      return blocked(
        `the model looked around for ${limits.modelTurns} turns, as many as the policy allows, and gave no plan`,
      )
    if (calls >= limits.modelCalls)
      return blocked(`${calls} model calls were made; the policy allows a run ${limits.modelCalls}`)
    if (costMicroUsd === null && limits.costMicroUsd !== undefined)
      return blocked('the policy limits what a run may cost, and it has no price for this model')
    if (outputTokens < MIN_OUTPUT_TOKENS)
      return blocked(
        `the request does not fit into what is left of the ${limits.tokens} tokens${costText(limits)} of a run`,
      )
    return passed(`call ${calls + 1}, at most ${inputTokens} tokens in and ${outputTokens} out`)
  },
})

function costText({ costMicroUsd }: Pick<Limits, 'costMicroUsd'>): string {
  return costMicroUsd === undefined ? '' : ` and ${costMicroUsd} micro-USD`
}
