import type { Repository } from './exchange.ts'
import { isRecord } from './exchange.ts'
import { mend } from './mend.ts'
import { issueOf, renderPull, renderRepository, renderReview, renderUser } from './render.ts'
import type { UserRow } from './rows.ts'
import { findRepository, nodeId, type Pull, pullKey, type Review, type World } from './world.ts'

type Json = Readonly<Record<string, unknown>>

/** Sends an event about a repository to the App, if it is installed there. */
export function announce(
  world: World,
  { row, owner }: Pick<Repository, 'row' | 'owner'>,
  sender: UserRow,
  { event, ...payload }: { readonly event: string } & Json,
): void {
  const fresh = world.tables.repos.get(row.id) ?? row
  const installation = world.installationIds.get(owner)
  if (installation === undefined) return
  const organization = world.tables.orgs.findOneBy('login', owner)
  world.hooks.send(event, {
    ...payload,
    repository: renderRepository(world, fresh),
    ...(organization === undefined ? {} : { organization: { login: owner, id: organization.id } }),
    installation: { id: installation, node_id: nodeId('Installation', installation) },
    sender: renderUser(world, sender),
  })
}

export function announcePull(
  world: World,
  at: { readonly repo: Repository; readonly pull: Pull; readonly sender: UserRow },
  action: string,
  more: Json = {},
): void {
  announce(world, at.repo, at.sender, {
    event: 'pull_request',
    action,
    number: at.pull.number,
    pull_request: pullJson(world, at.repo, at.pull),
    ...more,
  })
}

/** Webhooks spell a review's state in lower case, unlike the REST API. */
export function announceReview(
  world: World,
  at: { readonly repo: Repository; readonly pull: Pull; readonly review: Review; readonly sender: UserRow },
  action: 'submitted' | 'dismissed' | 'edited',
): void {
  announce(world, at.repo, at.sender, {
    event: 'pull_request_review',
    action,
    review: { ...renderReview(world, at.repo.row, at.review), state: at.review.state.toLowerCase() },
    pull_request: pullJson(world, at.repo, at.pull),
  })
}

function pullJson(world: World, repo: Repository, pull: Pull): Json | null {
  const issue = issueOf(world, repo.row, pull.number)
  if (issue === undefined) return null
  return { ...renderPull(world, repo.row, pull, issue), merged: pull.mergedAt !== null }
}

/** Events of the emulator, completed with what it leaves out; those the overlay sends itself are dropped. */
export function passOn(world: World, event: string, sent: unknown, at: { owner: string; repo: string | undefined }) {
  const payload = mend(world, sent)
  const repo = at.repo === undefined ? undefined : findRepository(world, at.owner, at.repo)
  if (repo === undefined || !isRecord(payload)) return
  const row = senderOf(world, payload)
  if (row === undefined || !['issues', 'issue_comment', 'label'].includes(event)) return
  const number = isRecord(payload['issue']) ? Number(payload['issue']['number']) : Number.NaN
  const pull = world.pulls.get(pullKey(repo.row.id, number))
  if (event === 'issues' && pull !== undefined) {
    const { action, label, assignee } = payload
    announcePull(world, { repo, pull, sender: row }, String(action), { label, assignee, ...changesOf(world, payload) })
    return
  }
  announce(world, repo, row, { ...payload, ...changesOf(world, payload), event })
}

function senderOf(world: World, { sender }: Json): UserRow | undefined {
  const login = isRecord(sender) ? sender['login'] : undefined
  return typeof login === 'string' ? world.tables.users.findOneBy('login', login) : undefined
}

/** What an edited text said before. */
function changesOf(world: World, payload: Json): Json {
  if (payload['action'] !== 'edited') return {}
  const subject = isRecord(payload['comment']) ? payload['comment'] : payload['issue']
  const url = isRecord(subject) && typeof subject['url'] === 'string' ? subject['url'] : ''
  const before = world.before.get(new URL(url, world.url).pathname)
  if (before === undefined) return {}
  return { changes: Object.fromEntries(Object.entries(before).map(([field, from]) => [field, { from }])) }
}
