import type { Actor, Arrival } from '../../app/ports.ts'
import type { RepositoryRef } from '../../domain/effects.ts'
import { NotStrictJson, parseStrictJson } from '../../domain/strict-json.ts'
import { isWebhookEvent, type Named, toWebhook, type WebhookBody, type WebhookEvent } from './webhook-shapes.ts'

const NO_COMMIT = '0'.repeat(40)

/** Reads a delivery that the ingress kept, down to what AgentOS uses. The rest is ignored, with the reason. */
export function parseArrival(event: string, payload: Uint8Array): Arrival {
  if (!isWebhookEvent(event)) return ignored(`AgentOS does not listen to ${event}`)
  const webhook = toWebhook(event, strictly(payload))
  return webhook === undefined ? ignored(`the body is not that of ${event}`) : toArrival(webhook)
}

function strictly(payload: Uint8Array): unknown {
  try {
    return parseStrictJson(payload)
  } catch (error) {
    if (error instanceof NotStrictJson) return undefined
    throw error
  }
}

type Arrivals = { readonly [E in WebhookEvent]: (body: WebhookBody<E>) => Arrival }

const arrivals: Arrivals = {
  issue_comment: (body) => (body.action === 'created' ? toComment(body) : toCommentChange(body)),
  pull_request_review: toReview,
  push: toPush,
  pull_request: toPullRequest,
  issues: ({ action }) => ignored(`nothing follows from an issue being ${action}`),
  check_run: ({ action }) => ignored(`nothing follows from a check run being ${action}`),
  check_suite: ({ action }) => ignored(`nothing follows from a check suite being ${action}`),
  workflow_run: ({ action }) => ignored(`nothing follows from a workflow run being ${action}`),
  installation: ({ action }) => ignored(`nothing follows from an installation being ${action}`),
  installation_repositories: ({ action }) => ignored(`nothing follows from repositories being ${action}`),
  ping: () => ignored('GitHub only asked whether somebody listens'),
}

function toArrival<E extends WebhookEvent>({ event, body }: Named<E>): Arrival {
  return arrivals[event](body)
}

function toComment({ issue, comment, ...rest }: WebhookBody<'issue_comment'>): Arrival {
  if (comment.user === null) return ignored('the comment’s author has no account any more')
  return {
    is: 'comment',
    repository: toRepository(rest),
    number: issue.number,
    onPullRequest: issue.pull_request !== undefined && issue.pull_request !== null,
    issue: {
      title: issue.title,
      body: issue.body ?? '',
      labels: (issue.labels ?? []).map(({ name }) => name),
    },
    comment: { id: comment.id, body: comment.body, author: toActor(comment.user) },
  }
}

function toCommentChange({ action, issue, comment, sender, ...rest }: WebhookBody<'issue_comment'>): Arrival {
  if (action !== 'edited' && action !== 'deleted') return ignored(`nothing follows from a comment being ${action}`)
  if (comment.user === null) return ignored('the comment’s author has no account any more')
  return {
    is: 'comment-changed',
    repository: toRepository(rest),
    number: issue.number,
    what: action,
    comment: { id: comment.id, author: toActor(comment.user) },
    sender: toActor(sender),
  }
}

const REVIEW_STATES: ReadonlyMap<string, 'approved' | 'changes_requested' | 'commented' | 'dismissed'> = new Map([
  ['approved', 'approved'],
  ['changes_requested', 'changes_requested'],
  ['commented', 'commented'],
  ['dismissed', 'dismissed'],
])

function toReview({
  action,
  pull_request: pull,
  review,
  sender,
  ...rest
}: WebhookBody<'pull_request_review'>): Arrival {
  if (action === 'edited') return ignored('a review’s text was edited, which changes nothing')
  const state = action === 'dismissed' ? 'dismissed' : REVIEW_STATES.get(review.state.toLowerCase())
  if (state === undefined) return ignored(`AgentOS does not know a review that is ${review.state}`)
  if (review.user === null) return ignored('the review’s author has no account any more')
  return {
    is: 'review',
    repository: toRepository(rest),
    number: pull.number,
    review: {
      id: review.id,
      state,
      commit: review.commit_id ?? null,
      body: review.body ?? '',
      author: toActor(review.user),
    },
    sender: toActor(sender),
  }
}

function toPush({ ref, after, sender, ...rest }: WebhookBody<'push'>): Arrival {
  if (!ref.startsWith('refs/heads/')) return ignored('only branches matter')
  return {
    is: 'push',
    repository: toRepository(rest),
    branch: ref.slice('refs/heads/'.length),
    after: after === NO_COMMIT ? null : after,
    sender: toActor(sender),
  }
}

const NEW_HEADS: ReadonlySet<string> = new Set(['opened', 'reopened', 'synchronize'])

function toPullRequest({ action, pull_request: pull, sender, ...rest }: WebhookBody<'pull_request'>): Arrival {
  const about = { repository: toRepository(rest), number: pull.number, sender: toActor(sender) }
  if (action === 'closed') {
    return {
      is: 'pull-request-closed',
      ...about,
      mergeCommit: pull.merged === true ? (pull.merge_commit_sha ?? null) : null,
    }
  }
  if (!NEW_HEADS.has(action)) return ignored(`nothing follows from a pull request being ${action}`)
  return { is: 'pull-request-opened', ...about, head: pull.head.sha, headBranch: pull.head.ref }
}

function toRepository({
  repository,
  installation,
}: Pick<WebhookBody<'push'>, 'repository' | 'installation'>): RepositoryRef {
  return {
    id: repository.id,
    ownerId: repository.owner.id,
    owner: repository.owner.login,
    name: repository.name,
    defaultBranch: repository.default_branch,
    installation: installation.id,
  }
}

/** A kind that is not known gets what an App gets: no authority. */
function toActor({ id, login, type }: WebhookBody<'push'>['sender']): Actor {
  return { id, login, kind: type === 'User' || type === 'Organization' ? type : 'Bot' }
}

function ignored(because: string): Arrival {
  return { is: 'ignored', because }
}
