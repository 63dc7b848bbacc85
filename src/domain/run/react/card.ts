import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { cardText } from '../../text/card.ts'
import { type RunState, told } from '../state.ts'

/** The status card, on the issue where the request was made. */
export function card(state: RunState, documents: Documents): readonly Effect[] {
  const request = told(state.request, 'the request')
  if (request.issue === null) return []
  return [{ kind: 'card', body: { number: request.issue, run: request.run, text: cardText(state, documents) } }]
}

/** One comment on the run's pull request, or on the issue as long as there is none. */
export function say(state: RunState, role: string, text: string): readonly Effect[] {
  const number = state.pullRequest?.number ?? state.request?.issue ?? null
  return number === null ? [] : [{ kind: 'comment', body: { number, role, text } }]
}
