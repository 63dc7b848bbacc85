import { z } from 'zod'
import { ForeignId } from '../../domain/ids.ts'

/** A numeric id: a safe integer, or the decimal text that the strict reader leaves where a double cannot hold it. */
const Id = z.union([z.int().min(1).transform(String), ForeignId])
const User = z.object({ id: Id, login: z.string().max(100), type: z.string().max(32) })
const Sha = z.string().regex(/^[0-9a-f]{40}$/)
const At = z.union([z.string().max(40), z.int()]).nullish()
const PullRequest = z.object({
  id: Id,
  number: z.int().min(1),
  state: z.string().max(16),
  merged: z.boolean().nullish(),
  merge_commit_sha: Sha.nullish(),
  updated_at: At,
  head: z.object({ ref: z.string().max(255), sha: Sha }),
})
const Issue = z.object({
  id: Id,
  number: z.int().min(1),
  title: z.string().max(1024),
  body: z.string().max(262_144).nullish(),
  labels: z
    .array(z.object({ name: z.string().max(100) }))
    .max(100)
    .nullish(),
  updated_at: At,
  pull_request: z.object({}).nullish(),
})
const Repository = z.object({
  id: Id,
  name: z.string().max(100),
  default_branch: z.string().max(255),
  pushed_at: At,
  owner: z.object({ id: Id, login: z.string().max(100) }),
})
const common = { repository: Repository, installation: z.object({ id: Id }), sender: User }
const actions = (...names: readonly [string, ...string[]]) => z.enum(names)
const suite = { id: Id, head_sha: Sha, updated_at: At }

/** What AgentOS reads of each event. A body that is whole for one event is not whole for another: see `belongsTo`. */
const webhookShapes = {
  issue_comment: z.object({
    ...common,
    action: actions('created', 'edited', 'deleted', 'pinned', 'unpinned'),
    issue: Issue,
    comment: z.object({ id: Id, body: z.string().max(262_144), updated_at: At, user: User.nullable() }),
  }),
  issues: z.object({ ...common, action: z.string().max(64), issue: Issue }),
  pull_request: z.object({
    ...common,
    action: z.string().max(64),
    number: z.int().min(1),
    pull_request: PullRequest,
  }),
  pull_request_review: z.object({
    ...common,
    action: actions('submitted', 'edited', 'dismissed'),
    pull_request: PullRequest,
    review: z.object({
      id: Id,
      state: z.string().max(32),
      commit_id: Sha.nullish(),
      submitted_at: At,
      body: z.string().max(262_144).nullish(),
      user: User.nullable(),
    }),
  }),
  push: z.object({ ...common, ref: z.string().max(1024), before: Sha, after: Sha }),
  check_run: z.object({
    ...common,
    action: z.string().max(64),
    check_run: z.object({ id: Id, head_sha: Sha, completed_at: At }),
  }),
  check_suite: z.object({ ...common, action: z.string().max(64), check_suite: z.object(suite) }),
  workflow_run: z.object({
    ...common,
    action: z.string().max(64),
    workflow_run: z.object({ ...suite, run_attempt: z.int().nullish() }),
  }),
  installation: z.object({
    installation: z.object({ id: Id, updated_at: At }),
    sender: User,
    action: z.string().max(64),
  }),
  installation_repositories: z.object({
    installation: z.object({ id: Id, updated_at: At }),
    sender: User,
    action: actions('added', 'removed'),
    repositories_added: z.array(z.object({ id: Id })),
    repositories_removed: z.array(z.object({ id: Id })),
  }),
  ping: z.object({ zen: z.string().max(1000), hook_id: Id }),
} as const

export type WebhookEvent = keyof typeof webhookShapes
type Bodies = { readonly [E in WebhookEvent]: z.infer<(typeof webhookShapes)[E]> }
export type WebhookBody<E extends WebhookEvent> = Bodies[E]

/** One event and the body that goes with it. */
export type Named<E extends WebhookEvent> = { readonly event: E; readonly body: WebhookBody<E> }

/** A webhook whose body was found to be what its event name says. */
export type Webhook = { readonly [E in WebhookEvent]: Named<E> }[WebhookEvent]

export function isWebhookEvent(text: string): text is WebhookEvent {
  return Object.hasOwn(webhookShapes, text)
}

/** The members by which GitHub's events differ. The signature does not cover the event's name, so the body must tell. */
const SUBJECTS = [
  'comment',
  'issue',
  'pull_request',
  'review',
  'thread',
  'ref',
  'after',
  'check_run',
  'check_suite',
  'workflow_run',
  'workflow_job',
  'repositories_added',
  'repositories',
  'zen',
  'deployment',
  'discussion',
  'release',
  'forkee',
  'member',
] as const
const ownSubjects: { readonly [E in WebhookEvent]: readonly (typeof SUBJECTS)[number][] } = {
  issue_comment: ['comment', 'issue'],
  issues: ['issue'],
  pull_request: ['pull_request', 'after'],
  pull_request_review: ['pull_request', 'review'],
  push: ['ref', 'after'],
  check_run: ['check_run'],
  check_suite: ['check_suite'],
  workflow_run: ['workflow_run'],
  installation: ['repositories'],
  installation_repositories: ['repositories_added'],
  ping: ['zen'],
}

/** Undefined when the body is not one that GitHub sends under this event's name. */
export function toWebhook(event: WebhookEvent, value: unknown): Webhook | undefined {
  return belongsTo(event, value) ? readers[event](value) : undefined
}

function belongsTo(event: WebhookEvent, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return SUBJECTS.every((subject) => ownSubjects[event].includes(subject) || !Object.hasOwn(value, subject))
}

type Readers = { readonly [E in WebhookEvent]: (value: unknown) => Webhook | undefined }

const readers: Readers = {
  issue_comment: (value) => read(webhookShapes.issue_comment, value, (body) => ({ event: 'issue_comment', body })),
  issues: (value) => read(webhookShapes.issues, value, (body) => ({ event: 'issues', body })),
  pull_request: (value) => read(webhookShapes.pull_request, value, (body) => ({ event: 'pull_request', body })),
  pull_request_review: (value) =>
    read(webhookShapes.pull_request_review, value, (body) => ({ event: 'pull_request_review', body })),
  push: (value) => read(webhookShapes.push, value, (body) => ({ event: 'push', body })),
  check_run: (value) => read(webhookShapes.check_run, value, (body) => ({ event: 'check_run', body })),
  check_suite: (value) => read(webhookShapes.check_suite, value, (body) => ({ event: 'check_suite', body })),
  workflow_run: (value) => read(webhookShapes.workflow_run, value, (body) => ({ event: 'workflow_run', body })),
  installation: (value) => read(webhookShapes.installation, value, (body) => ({ event: 'installation', body })),
  installation_repositories: (value) =>
    read(webhookShapes.installation_repositories, value, (body) => ({ event: 'installation_repositories', body })),
  ping: (value) => read(webhookShapes.ping, value, (body) => ({ event: 'ping', body })),
}

function read<T>(schema: z.ZodType<T>, value: unknown, name: (body: T) => Webhook): Webhook | undefined {
  const parsed = schema.safeParse(value)
  return parsed.success ? name(parsed.data) : undefined
}
