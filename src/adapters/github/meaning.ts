import { sha256Hex } from '../../domain/hash.ts'
import type { Named, Webhook, WebhookBody, WebhookEvent } from './webhook-shapes.ts'

type Parts = readonly (string | number | boolean | null | undefined)[]
type Meanings = { readonly [E in WebhookEvent]: (body: WebhookBody<E>) => Parts }

/** What makes two deliveries of one event the same news, however often GitHub, or somebody who replays it, sends it. */
const meanings: Meanings = {
  issue_comment: ({ action, comment }) => [action, comment.id, comment.updated_at, sha256Hex(comment.body)],
  issues: ({ action, issue }) => [action, issue.id, issue.updated_at],
  pull_request: ({ action, pull_request: pull }) => [action, pull.id, pull.updated_at, pull.state, pull.head.sha],
  pull_request_review: ({ action, review }) => [
    action,
    review.id,
    review.state.toLowerCase(),
    review.submitted_at,
    sha256Hex(review.body ?? ''),
  ],
  push: ({ ref, before, after, repository }) => [ref, before, after, repository.pushed_at],
  check_run: ({ action, check_run: run }) => [action, run.id, run.completed_at],
  check_suite: ({ action, check_suite: suite }) => [action, suite.id, suite.updated_at],
  workflow_run: ({ action, workflow_run: run }) => [action, run.id, run.run_attempt, run.updated_at],
  installation: ({ action, installation }) => [action, installation.updated_at],
  installation_repositories: ({ action, installation, repositories_added, repositories_removed }) => [
    action,
    installation.updated_at,
    ...repositories_added.map(({ id }) => `+${id}`),
    ...repositories_removed.map(({ id }) => `-${id}`),
  ],
  ping: ({ hook_id }) => [hook_id],
}

/** `event/installation/repository/…`, cut to a hash where it would be long. */
export function semanticKey(webhook: Webhook): string {
  const about = [installationOf(webhook), repositoryOf(webhook) ?? '', ...partsOf(webhook)]
  const text = about.map((part) => String(part ?? '')).join('/')
  return `${webhook.event}/${text.length <= 300 ? text : sha256Hex(text)}`
}

export function repositoryOf({ body }: Webhook): string | null {
  return 'repository' in body ? body.repository.id : null
}

function installationOf({ body }: Webhook): string {
  return 'installation' in body ? body.installation.id : ''
}

function partsOf<E extends WebhookEvent>({ event, body }: Named<E>): Parts {
  return meanings[event](body)
}
