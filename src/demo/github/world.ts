import type { Actor, Repository } from './exchange.ts'
import type { RepoRow, Tables, UserRow } from './rows.ts'
import type { Webhooks } from './webhooks.ts'

export const APP = { id: 424_242, slug: 'agentos', name: 'AgentOS' } as const

/** The App whose bot holds the token of an Actions job. */
export const ACTIONS_APP = { id: 15_368, slug: 'github-actions', name: 'GitHub Actions' } as const

/** What every pull request has besides its issue, which holds title, body, state, labels and author. */
export type Pull = {
  readonly id: number
  readonly repoId: number
  readonly number: number
  /** The repository of the head branch: a fork's pull request stands in the repository that it was forked from. */
  readonly headRepoId: number
  readonly headRef: string
  headSha: string
  baseRef: string
  baseSha: string
  draft: boolean
  mergedAt: string | null
  mergedById: number | null
  mergeCommitSha: string | null
  requestedReviewerIds: readonly number[]
}

/** What a reviewer wrote beside a line. */
export type ReviewComment = {
  readonly id: number
  readonly path: string
  readonly line: number
  readonly side: 'LEFT' | 'RIGHT'
  readonly body: string
}

export type Review = {
  readonly id: number
  readonly repoId: number
  readonly pullNumber: number
  readonly userId: number
  readonly body: string
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING'
  readonly commitId: string
  readonly submittedAt: string
  readonly comments: readonly ReviewComment[]
}

export type Reaction = {
  readonly id: number
  readonly userId: number
  readonly content: string
  readonly createdAt: string
}

export type Role = 'read' | 'triage' | 'write' | 'maintain' | 'admin'

/** Everything the local GitHub remembers besides the emulator's own store. */
export type World = {
  readonly url: string
  readonly tables: Tables
  readonly bot: UserRow
  readonly privatePlan: 'free' | 'paid'
  readonly repositories: Map<number, Repository>
  /** By the account that installed the App. */
  readonly installationIds: ReadonlyMap<string, number>
  readonly pulls: Map<string, Pull>
  readonly reviews: Map<number, Review>
  /** By the path under which they are listed. */
  readonly reactions: Map<string, Reaction[]>
  readonly hooks: Webhooks
  /** A repository's full rendering, taken once from the emulator. */
  readonly renderedRepositories: Map<number, Readonly<Record<string, unknown>>>
  /** Comment or issue texts as they were before the edit in progress. */
  readonly before: Map<string, Readonly<Record<string, string | null>>>
  newId(): number
  now(): string
}

export const nodeId = (type: string, id: number): string => Buffer.from(`0:${type}${id}`).toString('base64url')

export const pullKey = (repoId: number, number: number): string => `${repoId}#${number}`

export const userById = (world: World, id: number | null): UserRow | undefined =>
  id === null ? undefined : (world.tables.users.get(id) ?? undefined)

export const userByLogin = (world: World, login: string): UserRow | undefined =>
  world.tables.users.all().find((user) => user.login.toLowerCase() === login.toLowerCase())

export const findRepository = (world: World, owner: string, name: string): Repository | undefined =>
  [...world.repositories.values()].find(({ row }) => row.full_name.toLowerCase() === `${owner}/${name}`.toLowerCase())

export const pullsOf = (world: World, repo: RepoRow): readonly Pull[] =>
  [...world.pulls.values()].filter((pull) => pull.repoId === repo.id)

const ROLE_OF_PERMISSION = new Map<string, Role>([
  ['pull', 'read'],
  ['triage', 'triage'],
  ['push', 'write'],
  ['maintain', 'maintain'],
  ['admin', 'admin'],
])

export const PERMISSION_OF_ROLE = {
  read: 'pull',
  triage: 'triage',
  write: 'push',
  maintain: 'maintain',
  admin: 'admin',
} as const

/** A person's role on a repository, or undefined when they have none. */
export function roleOf(world: World, user: UserRow, repo: RepoRow): Role | undefined {
  if (repo.owner_type === 'User' && repo.owner_id === user.id) return 'admin'
  const row = world.tables.collaborators
    .findBy('repo_id', repo.id)
    .find((collaborator) => collaborator.user_id === user.id)
  return row === undefined ? undefined : ROLE_OF_PERMISSION.get(row.permission)
}

/** Whether this actor may see the repository at all; a hidden repository answers 404. */
export function canSee(world: World, actor: Actor, repo: RepoRow): boolean {
  if (actor.is === 'installation') {
    return (
      actor.accountId === repo.owner_id && (actor.repositoryIds.length === 0 || actor.repositoryIds.includes(repo.id))
    )
  }
  if (!repo.private) return true
  return actor.is === 'user' && roleOf(world, actor.user, repo) !== undefined
}
