import { z } from 'zod'
import { need, PULLS_READ, PULLS_TAKE_PART, PULLS_WRITE } from './access.ts'
import { readCommit, renderCommit } from './commits.ts'
import { diffFiles } from './diff.ts'
import { announcePull } from './events.ts'
import {
  bodyOf,
  created,
  invalid,
  ok,
  page,
  param,
  Refused,
  type RepoCall,
  type Repository,
  type Route,
  refuseLongBody,
} from './exchange.ts'
import { demandIssue, demandPull, type Found } from './find-pull.ts'
import { commitsBetween } from './history.ts'
import { mergeTree } from './merge-tree.ts'
import { headIn, headLabel, headRepositoryOf, takeHead } from './pull-head.ts'
import { closeBecauseOf, countOpen } from './pull-state.ts'
import { readRef } from './refs.ts'
import { issueOf, renderPull, renderUserById } from './render.ts'
import { reviewerRoutes } from './requested-reviewers.ts'
import type { IssueRow, NewRow } from './rows.ts'
import { nodeId, type Pull, pullKey, pullsOf, type World } from './world.ts'

const NewPull = z.object({
  title: z.string().min(1),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().nullish(),
  draft: z.boolean().default(false),
})
const PullChange = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
})
export const pullRoutes = (world: World): readonly Route<RepoCall>[] => [
  ...readingRoutes(world),
  ...reviewerRoutes(world),
  { method: 'GET', path: '/repos/:owner/:repo/pulls', answer: (call) => listPulls(world, call) },
  { method: 'POST', path: '/repos/:owner/:repo/pulls', answer: (call) => createPull(world, call) },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number',
    answer: async (call) => {
      need(world, call, PULLS_READ)
      return ok(await wholePull(world, call.repo, demandPull(world, call)))
    },
  },
  { method: 'PATCH', path: '/repos/:owner/:repo/pulls/:number', answer: (call) => changePull(world, call) },
]

const readingRoutes = (world: World): readonly Route<RepoCall>[] => [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number/files',
    answer: async (call) => {
      need(world, call, PULLS_READ)
      const { pull } = demandPull(world, call)
      return page(call, await diffFiles(world, call.repo, await baseOf(call.repo, pull), pull.headSha))
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number/commits',
    answer: async (call) => {
      need(world, call, PULLS_READ)
      const { pull } = demandPull(world, call)
      const shas = await commitsBetween(call.repo, pull.baseSha, pull.headSha)
      const commits = await Promise.all(shas.map((sha) => readCommit(call.repo.git, sha)))
      return page(
        call,
        commits.map((commit) => renderCommit(world, call.repo, commit)),
      )
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/commits/:sha/pulls',
    answer: (call) => {
      need(world, call, PULLS_READ)
      const sha = param(call, 'sha')
      const having = pullsOf(world, call.repo.row).filter((pull) => [pull.headSha, pull.mergeCommitSha].includes(sha))
      return page(
        call,
        having.flatMap((pull) => renderedPull(world, call.repo, pull)),
      )
    },
  },
]

function listPulls(world: World, call: RepoCall) {
  need(world, call, PULLS_READ)
  const query = call.url.searchParams
  const state = query.get('state') ?? 'open'
  const [head, base] = [query.get('head'), query.get('base')]
  const direction = (query.get('direction') ?? 'desc') === 'asc' ? 1 : -1
  const chosen = pullsOf(world, call.repo.row)
    .filter((pull) => head === null || head === headLabel(world, pull))
    .filter((pull) => base === null || base === pull.baseRef)
    .filter((pull) => state === 'all' || issueOf(world, call.repo.row, pull.number)?.state === state)
    .sort((one, other) => (one.number - other.number) * direction)
  return page(
    call,
    chosen.flatMap((pull) => renderedPull(world, call.repo, pull)),
  )
}

const renderedPull = (world: World, repo: Repository, pull: Pull) => {
  const issue = issueOf(world, repo.row, pull.number)
  return issue === undefined ? [] : [renderPull(world, repo.row, pull, issue)]
}

async function createPull(world: World, call: RepoCall) {
  need(world, call, PULLS_TAKE_PART)
  const wanted = bodyOf(call, NewPull)
  refuseLongBody('PullRequest', wanted.body)
  const { head, from } = headIn(world, call, wanted.head)
  const headSha = from === undefined ? undefined : await readRef(from, `refs/heads/${head}`)
  const baseSha = await readRef(call.repo, `refs/heads/${wanted.base}`)
  if (from === undefined || headSha === undefined)
    throw invalid([{ resource: 'PullRequest', field: 'head', code: 'invalid' }])
  if (baseSha === undefined) throw invalid([{ resource: 'PullRequest', field: 'base', code: 'invalid' }])
  await takeHead(call.repo, from, headSha)
  if ((await commitsBetween(call.repo, baseSha, headSha)).length === 0) {
    throw custom(`No commits between ${wanted.base} and ${head}`)
  }
  if (wanted.draft && call.repo.row.private && world.privatePlan === 'free') {
    throw new Refused(422, 'Draft pull requests are not supported in this repository.')
  }
  const side = { headRepoId: from.row.id, headRef: head, baseRef: wanted.base }
  refuseDuplicate(world, call, side)
  const pull = addPull(world, call, { ...wanted, ...side, headSha, baseSha })
  await call.repo.git.bytes(['update-ref', `refs/pull/${pull.number}/head`, headSha])
  announcePull(world, { repo: call.repo, pull, sender: call.actor.user }, 'opened')
  return created(await wholePull(world, call.repo, { pull, issue: demandIssue(world, call.repo, pull) }))
}

type Side = Pick<Pull, 'headRepoId' | 'headRef' | 'baseRef'>

function refuseDuplicate(world: World, call: RepoCall, { headRepoId, headRef, baseRef }: Side): void {
  const same = pullsOf(world, call.repo.row).some(
    (pull) =>
      pull.headRepoId === headRepoId &&
      pull.headRef === headRef &&
      pull.baseRef === baseRef &&
      issueOf(world, call.repo.row, pull.number)?.state === 'open',
  )
  if (same) throw custom(`A pull request already exists for ${call.repo.owner}:${headRef}.`)
}

type Addition = z.infer<typeof NewPull> & Side & { readonly headSha: string; readonly baseSha: string }

function addPull(world: World, call: RepoCall, wanted: Addition): Pull {
  const repoId = call.repo.row.id
  const numbers = world.tables.issues.findBy('repo_id', repoId).map((issue) => issue.number)
  const number = Math.max(0, ...numbers) + 1
  const issue = world.tables.issues.insert(issueFor(call, number, wanted))
  world.tables.issues.update(issue.id, { node_id: nodeId('Issue', issue.id) })
  const pull: Pull = {
    id: world.newId(),
    repoId,
    number,
    headRepoId: wanted.headRepoId,
    headRef: wanted.headRef,
    headSha: wanted.headSha,
    baseRef: wanted.baseRef,
    baseSha: wanted.baseSha,
    draft: wanted.draft,
    mergedAt: null,
    mergedById: null,
    mergeCommitSha: null,
    requestedReviewerIds: [],
  }
  world.pulls.set(pullKey(repoId, number), pull)
  countOpen(world, call.repo, 1)
  return pull
}

/** The issue that every pull request also is. */
const issueFor = (call: RepoCall, number: number, wanted: Addition): NewRow<IssueRow> => ({
  number,
  node_id: '',
  repo_id: call.repo.row.id,
  title: wanted.title,
  body: wanted.body ?? null,
  state: 'open',
  state_reason: null,
  locked: false,
  active_lock_reason: null,
  user_id: call.actor.user.id,
  assignee_ids: [],
  label_ids: [],
  milestone_id: null,
  comments: 0,
  closed_at: null,
  closed_by_id: null,
  is_pull_request: false,
})

async function changePull(world: World, call: RepoCall) {
  const { pull, issue } = demandPull(world, call)
  need(world, call, issue.user_id === call.actor.user.id ? PULLS_TAKE_PART : PULLS_WRITE)
  const change = bodyOf(call, PullChange)
  refuseLongBody('PullRequest', change.body)
  const at = { repo: call.repo, pull, sender: call.actor.user }
  if (change.base !== undefined) await changeBase(at, change.base)
  const { title = issue.title, body = issue.body } = change
  const before = {
    ...(title === issue.title ? {} : { title: { from: issue.title } }),
    ...(body === issue.body ? {} : { body: { from: issue.body } }),
  }
  world.tables.issues.update(issue.id, { title, body })
  if (Object.keys(before).length > 0) announcePull(world, at, 'edited', { changes: before })
  if (change.state !== undefined && change.state !== issue.state) await changeState(world, at, change.state)
  return ok(await wholePull(world, call.repo, demandPull(world, call)))
}

type At = { readonly repo: Repository; readonly pull: Pull; readonly sender: RepoCall['actor']['user'] }

async function changeBase({ repo, pull }: At, baseRef: string): Promise<void> {
  const baseSha = await readRef(repo, `refs/heads/${baseRef}`)
  if (baseSha === undefined) throw invalid([{ resource: 'PullRequest', field: 'base', code: 'invalid' }])
  Object.assign(pull, { baseRef, baseSha })
}

async function changeState(world: World, at: At, state: 'open' | 'closed'): Promise<void> {
  if (state === 'closed') {
    closeBecauseOf(world, at)
    return
  }
  const from = headRepositoryOf(world, at.pull)
  const head = from === undefined ? undefined : await readRef(from, `refs/heads/${at.pull.headRef}`)
  if (at.pull.mergedAt !== null || head === undefined) throw custom('state cannot be changed.')
  at.pull.headSha = head
  const issue = demandIssue(world, at.repo, at.pull)
  world.tables.issues.update(issue.id, { state: 'open', closed_at: null, closed_by_id: null })
  countOpen(world, at.repo, 1)
  announcePull(world, at, 'reopened')
}

/** A pull request as it stands by itself, with what takes git to know. */
export async function wholePull(world: World, repo: Repository, { pull, issue }: Found) {
  const files = await diffFiles(world, repo, await baseOf(repo, pull), pull.headSha)
  const open = issue.state === 'open'
  const base = (await readRef(repo, `refs/heads/${pull.baseRef}`)) ?? pull.baseSha
  const clean = open ? (await mergeTree(repo, base, pull.headSha)) !== undefined : null
  return {
    ...renderPull(world, repo.row, pull, issue),
    merged: pull.mergedAt !== null,
    mergeable: clean,
    rebaseable: clean,
    mergeable_state: mergeableState(clean, pull.draft),
    merged_by: renderUserById(world, pull.mergedById),
    comments: issue.comments,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: (await commitsBetween(repo, pull.baseSha, pull.headSha)).length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  }
}

function mergeableState(clean: boolean | null, draft: boolean): string {
  if (clean === null) return 'unknown'
  if (!clean) return 'dirty'
  return draft ? 'draft' : 'clean'
}

const baseOf = (repo: Repository, pull: Pull): Promise<string> =>
  repo.git.text(['merge-base', pull.baseSha, pull.headSha])

const custom = (message: string): Refused => invalid([{ resource: 'PullRequest', code: 'custom', message }])
