import { plus } from '../../clock.ts'
import { Governed } from '../../control/governed.ts'
import type { CommitBody, Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { readDocument } from '../../packs/documents.ts'
import { Intent } from '../../packs/intent.ts'
import { planIn } from '../../text/plan.ts'
import type { EventData } from '../events.ts'
import { type RunState, told } from '../state.ts'
import { trailersFor } from '../trailers.ts'
import { card } from './card.ts'
import { collectMemory, draft, observe } from './intend.ts'
import { branchFor, openPullRequest, titleFor } from './pull-request.ts'

const CLAIM_MS = 20 * 60_000

export function onRequested(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  const request = told(state.request, 'the request')
  const seen: readonly Effect[] =
    request.via.is === 'comment'
      ? [{ kind: 'react', body: { on: 'comment', id: request.via.commentId, content: 'eyes' } }]
      : []
  return [...seen, ...card(state, documents), ...(state.end === null ? [collectMemory(state)] : [])]
}

export function onMemoryPinned(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  const request = told(state.request, 'the request')
  return request.planner.is === 'plan' || state.end !== null ? [] : [draft(state, documents)]
}

export function tryDraft(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  if (state.pullRequest !== null) return card(state, documents)
  return [openPullRequest(state, documents), ...card(state, documents)]
}

export function onGrantIssued(
  state: RunState,
  data: EventData<'GrantIssued'>,
  documents: Documents,
): readonly Effect[] {
  if (data.purpose === 'draft' || state.end !== null) return []
  const { pullRequest } = state
  const running: readonly Effect[] =
    pullRequest === null ? [] : [{ kind: 'label', body: { number: pullRequest.number, set: 'agentos:running' } }]
  return [
    ...running,
    { kind: 'dispatch', body: { grant: data.grant, grantId: data.id, purpose: data.purpose } },
    { kind: 'timer', body: { name: 'claim', about: data.id, at: plus(data.expiresAt, 1000) } },
    ...card(state, documents),
  ]
}

export function onGrantUsed(state: RunState, data: EventData<'GrantUsed'>, documents: Documents): readonly Effect[] {
  const grant = state.grants.find((one) => one.id === data.id)
  if (grant?.use.is !== 'used') return []
  const { policy } = readDocument(documents, told(state.request, 'the request').manifest, Governed)
  return [
    {
      kind: 'timer',
      body: { name: 'job', about: data.id, at: plus(grant.use.at, policy.limits.runMinutes * 60_000 + CLAIM_MS) },
    },
  ]
}

/** The plan commit: the predicted tree itself, so that reviewers read the real diff. */
export function commitPlan(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  const request = told(state.request, 'the request')
  if (request.venue === 'local') return []
  const from = told(state.heads.at(-1) ?? null, 'the branch')
  const { planner } = request
  return [
    ...(planner.is === 'pull-request'
      ? [{ kind: 'look-at-source', body: { number: planner.number } } satisfies Effect]
      : []),
    { kind: 'commit', body: commitBody(state, documents, { purpose: 'plan', from, skipChecks: true }) },
    ...card(state, documents),
  ]
}

/** GitHub is asked once more before the commit: what was executed must still be what stands there. */
export function onDeliveryTaken(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  return state.end !== null || state.pullRequest === null ? [] : [observe(state, documents, 'delivery')]
}

export function onDeliveryRequested(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  if (told(state.request, 'the request').venue === 'local')
    return [
      {
        kind: 'commit',
        body: commitBody(state, documents, { purpose: 'local', from: '0'.repeat(40), skipChecks: false }),
      },
    ]
  const from = told(told(state.proposed, 'the proposal').commit, 'the plan commit')
  return [{ kind: 'commit', body: commitBody(state, documents, { purpose: 'delivery', from, skipChecks: false }) }]
}

function commitBody(
  state: RunState,
  documents: Documents,
  about: Pick<CommitBody, 'purpose' | 'from' | 'skipChecks'>,
): CommitBody {
  const plan = planIn(state, documents)
  const request = told(state.request, 'the request')
  const intent = readDocument(documents, told(state.intent, 'the intent'), Intent)
  return {
    ...about,
    parent: plan.base.sha,
    baseTree: plan.base.tree,
    edits: plan.edits,
    contents: plan.contents,
    tree: plan.predictedTree,
    subject: titleFor(intent.goal),
    body: askedFor(request),
    trailers: [...trailersFor(state, plan, documents, about.purpose)],
    ref: `refs/heads/${state.pullRequest?.branch ?? branchFor(state, documents)}`,
  }
}

function askedFor({ issue, via, planner }: NonNullable<RunState['request']>): string {
  if (via.is === 'schedule') return `Asked for by the schedule rule ${via.rule}, due ${via.due}.`
  const asked = issue === null ? '' : `Asked for in #${issue}.`
  if (planner.is === 'rollback')
    return `${asked} Takes back run ${planner.run}, which landed as ${planner.commit}.`.trim()
  return planner.is === 'pull-request' ? `${asked} The change of #${planner.number} at ${planner.head}.`.trim() : asked
}

export function lease(state: RunState, data: { readonly until: string }): readonly Effect[] {
  if (state.locks === null) return []
  return [
    { kind: 'timer', body: { name: 'lease', about: String(state.locks.token), at: plus(data.until, -3 * 3_600_000) } },
  ]
}
