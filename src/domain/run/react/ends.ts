import type { Effect, EffectBody } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { readDocument } from '../../packs/documents.ts'
import { ReviewPack } from '../../packs/review-pack.ts'
import { planCheck } from '../../text/plan.ts'
import { reviewCheck } from '../../text/review.ts'
import { standing, standingInMarkdown } from '../../text/standing.ts'
import type { EventData } from '../events.ts'
import { isNeutral } from '../neutral.ts'
import { currentGrant, type RunState, told } from '../state.ts'
import { card, say } from './card.ts'
import { keepEvidence } from './evidence.ts'
import { afterRollback } from './rollback.ts'

const CONCLUSION: { readonly [S in ReviewPack['state']]: NonNullable<EffectBody<'check'>['conclusion']> } = {
  delivered: 'success',
  merged: 'success',
  closed: 'neutral',
  refused: 'failure',
  failed: 'failure',
  cancelled: 'cancelled',
  expired: 'timed_out',
  rolled_back: 'neutral',
}

/** The delivery commit is a new head: every check that is due is created on it, then the pull request is marked ready. */
export function onDelivered(state: RunState, data: EventData<'RunDelivered'>, documents: Documents): readonly Effect[] {
  const { pullRequest } = state
  if (pullRequest === null) return []
  const pack = readDocument(documents, data.pack, ReviewPack)
  const { number, nodeId } = pullRequest
  return [
    {
      kind: 'check',
      body: {
        name: 'agentos/plan',
        head: data.commit,
        status: 'completed',
        conclusion: 'success',
        ...planCheck(state, documents, pack.approvals.length),
      },
    },
    {
      kind: 'check',
      body: {
        name: 'agentos/review',
        head: data.commit,
        status: 'completed',
        conclusion: 'success',
        ...reviewCheck(state, documents, pack),
      },
    },
    { kind: 'ready', body: { nodeId, number } },
    ...say(
      state,
      'end',
      `${standing(state, documents).headline}\n\nThe check run \`agentos/review\` has the whole account. People merge as they always do.`,
    ),
    { kind: 'label', body: { number, set: null } },
    ...card(state, documents),
    ...reaction(state, 'rocket'),
    keepEvidence('delivered'),
  ]
}

/** The commit that was delivered tells what became of it, since nobody runs a check on what people merged. */
export function onMerged(state: RunState, data: EventData<'RunMerged'>, documents: Documents): readonly Effect[] {
  const different = data.same ? [] : say(state, 'merge', standing(state, documents).headline)
  const check = finalCheck(state, documents, told(state.delivered, 'the delivery').commit)
  return [
    check,
    ...different,
    ...card(state, documents),
    ...afterRollback(state, data, documents),
    keepEvidence('merged'),
  ]
}

/** Every end closes the pull request with one sentence, publishes the ReviewPack and stops the job. */
export function atEnd(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  const head = state.delivered?.commit ?? state.proposed?.commit ?? state.heads.at(-1) ?? null
  const sign = state.phase === 'closed' ? [] : reaction(state, 'confused')
  if (state.pullRequest === null || head === null) return [...card(state, documents), ...sign]
  const { number } = state.pullRequest
  return [
    ...stopJob(state),
    finalCheck(state, documents, head),
    { kind: 'label', body: { number, set: state.phase === 'cancelled' ? 'agentos:stopped' : null } },
    ...card(state, documents),
    ...closing(state, documents),
    ...sign,
    ...keptAtEnd(state),
  ]
}

function keptAtEnd({ delivered }: RunState): readonly Effect[] {
  return delivered === null ? [] : [keepEvidence('closed')]
}

function finalCheck(state: RunState, documents: Documents, head: string): Effect {
  const pack = readDocument(documents, told(state.reviewPack, 'the ReviewPack'), ReviewPack)
  const conclusion = isNeutral(pack.rule) ? 'neutral' : CONCLUSION[pack.state]
  return {
    kind: 'check',
    body: { name: 'agentos/review', head, status: 'completed', conclusion, ...reviewCheck(state, documents, pack) },
  }
}

function closing(state: RunState, documents: Documents): readonly Effect[] {
  if (state.pullRequest === null || isClosedByPeople(state)) return []
  const { number, branch } = state.pullRequest
  const { headline, next } = standingInMarkdown(state, documents)
  return [{ kind: 'close', body: { number, branch, text: `${headline}\n\n${next}`, heads: [...state.heads] } }]
}

/** They closed it themselves, so there is nothing to close. */
function isClosedByPeople({ phase, end }: RunState): boolean {
  return phase === 'closed' && end === null
}

function stopJob(state: RunState): readonly Effect[] {
  const workflowRunId = currentGrant(state)?.workflowRunId ?? null
  const finished = state.end?.rule.startsWith('step:') === true || state.delivered !== null
  return workflowRunId === null || finished ? [] : [{ kind: 'cancel-job', body: { workflowRunId } }]
}

function reaction(state: RunState, content: 'rocket' | 'confused'): readonly Effect[] {
  const via = state.request?.via
  return via?.is === 'comment' ? [{ kind: 'react', body: { on: 'comment', id: via.commentId, content } }] : []
}
