import type { Mode } from '../control/policy.ts'
import type { Intent } from '../packs/intent.ts'
import type { Draft, Risk } from '../packs/plan.ts'
import { blocked, defineGate, passed, type Verdict } from './gate.ts'

type ModeFacts = {
  readonly mode: Mode
  readonly intent: Pick<Intent, 'criteria' | 'assumptions' | 'leftOut'>
  readonly draft: Pick<Draft, 'steps' | 'noVerify' | 'assumptions'>
  readonly risk: Risk['level']
}

export const modeGate = defineGate<ModeFacts>({
  name: 'mode',
  redLine: null,
  title: 'full_auto goes on with full confidence or not at all',
  judge(facts) {
    if (facts.mode !== 'full_auto') return passed(`${facts.mode} leaves the doubt to people`)
    if (facts.risk === 'high') return blocked('high risk is never full_auto')
    return doubtInRequest(facts) ?? doubtInDraft(facts) ?? passed('every criterion is tied to a verify step')
  },
})

/** What the requester takes for granted is as little known as what the planner does. */
function doubtInRequest({ intent: { assumptions, leftOut } }: ModeFacts): Verdict | undefined {
  const [assumed] = assumptions
  if (assumed !== undefined)
    return blocked(`full_auto assumes nothing, and the request does (${assumed.source}): ${short(assumed.text)}`)
  if (leftOut.claims > 0)
    return blocked(
      `full_auto needs the whole request, and ${leftOut.claims} of its claims found no place in the Intent`,
    )
  return undefined
}

function doubtInDraft({ draft, intent: { criteria } }: ModeFacts): Verdict | undefined {
  const [assumed] = draft.assumptions
  if (assumed !== undefined) return blocked(`full_auto assumes nothing, and this plan does about ${assumed.about}`)
  if (draft.noVerify !== null) return blocked('full_auto needs a verify step')
  const tied = new Set(draft.steps.flatMap((step) => (step.is === 'verify' ? step.criteria : [])))
  const loose = criteria.find(({ id }) => !tied.has(id))
  return loose === undefined ? undefined : blocked(`criterion ${loose.id} is tied to no verify step`)
}

const MOST_QUOTED = 200

function short(text: string): string {
  return text.length <= MOST_QUOTED ? text : `${text.slice(0, MOST_QUOTED).toWellFormed()}…`
}
