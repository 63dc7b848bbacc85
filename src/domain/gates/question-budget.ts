import type { Mode, Policy } from '../control/policy.ts'
import type { Question } from '../packs/question-pack.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const questionBudgetGate = defineGate<{
  readonly mode: Mode
  readonly round: number
  readonly asked: number
  readonly questions: readonly Question[]
  readonly modes: Policy['modes']
}>({
  name: 'question-budget',
  redLine: 2,
  title: 'A run asks no more than its mode and the policy allow',
  judge({ mode, round, asked, questions, modes }) {
    const cap = modes.questions[mode]
    const total = asked + questions.length
    if (questions.length === 0) return blocked('a question pack without a question')
    if (mode === 'full_auto') return blocked(`full_auto asks nothing, and this is unclear: ${unclear(questions)}`)
    if (round > modes.maxRounds) return blocked(`round ${round} of questions; the policy allows ${modes.maxRounds}`)
    if (total > cap) return blocked(`${total} questions in ${mode}; the policy allows ${cap}`)
    const idle = questions.find((question) => question.type !== 'blocker')
    if (mode === 'semi_auto' && idle !== undefined)
      return blocked(`${idle.id} is no blocker; semi_auto asks blockers only`)
    return passed(`${total} of ${cap} questions in ${mode}, round ${round}`)
  },
})

const MOST_NAMED = 5

/** What questions are about, as names: what they say in full is people's text, and no event holds that. */
function unclear(questions: readonly Question[]): string {
  const named = questions.slice(0, MOST_NAMED).map(({ about }) => about.replace(/^param:/, '').slice(0, 60))
  const more = questions.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
