import type { Mode } from '../../control/policy.ts'
import type { Asked } from '../../gates/gate.ts'
import { sayAgain } from '../../text/say-again.ts'
import { type Deliberation, governedBy, requestOf, wordsOf } from '../deliberation.ts'

/** What would let a request proceed that its mode has stopped; undefined where asking again in another mode is no help. */
export function nextAfter(d: Deliberation, { gate }: Asked): string | undefined {
  const { mode, rounds } = d.state()
  if (gate === 'mode') return `say ${again(d, 'semi_auto')}, so that people take over the doubt`
  if (gate !== 'question-budget') return undefined
  if (rounds >= governedBy(d).policy.modes.maxRounds || mode === 'interactive')
    return 'say `/agentos plan` again with the missing details in the request, so that nothing has to be asked'
  return `say ${again(d, mode === 'full_auto' ? 'semi_auto' : 'interactive')}, which may ask people`
}

/** The command that asks for the same in another mode; what was amended is no part of it. */
function again(d: Deliberation, mode: Mode): string {
  const { planner, words } = requestOf(d)
  const amended = d.state().amendments.length === 0 ? '' : ' and the amendments again'
  return `\`${sayAgain(planner, wordsOf(d, words), mode)}\`${amended}`
}
