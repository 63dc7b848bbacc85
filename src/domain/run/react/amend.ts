import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import type { EventData } from '../events.ts'
import type { RunState } from '../state.ts'
import { card, say } from './card.ts'
import { collectMemory } from './intend.ts'

/** Says that the plan is void, stops the job that tried it, and plans again in the same run and pull request. */
export function onAmended(
  state: RunState,
  { version, commentId, job }: EventData<'IntentAmended'>,
  documents: Documents,
): readonly Effect[] {
  const head = state.heads.at(-1) ?? null
  const title = `Planning again: the request is in its version ${version}`
  const text = `**Amended**: the request is in its version ${version}. What was planned and approved before is void, and nothing was executed. AgentOS plans again. To end it: \`/agentos stop\``
  return [
    { kind: 'react', body: { on: 'comment', id: commentId, content: 'eyes' } },
    ...(job === null ? [] : [{ kind: 'cancel-job', body: { workflowRunId: job } } satisfies Effect]),
    ...(state.pullRequest === null || head === null
      ? []
      : onPullRequest(state.pullRequest.number, head, { title, text })),
    ...say(state, 'amend', text),
    ...card(state, documents),
    collectMemory(state),
  ]
}

function onPullRequest(
  number: number,
  head: string,
  { title, text }: { readonly title: string; readonly text: string },
): readonly Effect[] {
  return [
    {
      kind: 'check',
      body: { name: 'agentos/plan', head, status: 'in_progress', conclusion: null, title, summary: text, text: '' },
    },
    { kind: 'label', body: { number, set: null } },
  ]
}
