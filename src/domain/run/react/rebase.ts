import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { rebasedText } from '../../text/rebase.ts'
import type { EventData } from '../events.ts'
import { type RunState, told } from '../state.ts'
import { card, say } from './card.ts'
import { collectMemory } from './intend.ts'

/** Says that the plan is void for execution and why, and begins from what is known of the new base. */
export function onRebased(state: RunState, data: EventData<'RunRebased'>, documents: Documents): readonly Effect[] {
  const { number } = told(state.pullRequest, 'the pull request')
  const text = rebasedText(data)
  const check = {
    name: 'agentos/plan',
    head: data.from.commit,
    status: 'in_progress',
    conclusion: null,
    title: 'Rebasing: the base has changed under the plan',
    summary: text,
    text: '',
  } as const
  return [
    { kind: 'check', body: check },
    { kind: 'label', body: { number, set: null } },
    ...say(state, 'rebase', text),
    ...card(state, documents),
    collectMemory(state),
  ]
}
