import { type Intended, type Performer, WillNotWork } from '../../../app/ports.ts'
import type { EffectBody, EffectResult } from '../../../domain/effects.ts'
import { ObjectId } from '../../../domain/hash.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked, rejectionIn, toFailure } from '../failures.ts'
import { effectMarker } from '../own-comments.ts'
import { branchName, commitAt, headOf } from '../refs.ts'
import { COMMENT_LIMIT, fit } from '../text-limits.ts'

/** Stands before the title where GitHub has no drafts. */
export const NOT_READY = '[not ready] '
const TITLE_LIMIT = 250

type Opened = Omit<EffectResult<'open-pull-request'>, 'head' | 'branch'>
type Body = EffectBody<'open-pull-request'>

/** The run's branch, one empty commit on the base, and its draft pull request: each made once. */
export function openPullRequestPerformer(access: GithubAccess): Performer<'open-pull-request'> {
  return async (intended) => {
    const open = await access.open(intended.repository)
    const { botId } = await access.own()
    const head = await branch(open, intended)
    const earlier = await openedEarlier(open, intended.body.branch, botId)
    const { number, nodeId, draft } = earlier ?? (await pullRequest(open, intended))
    return { result: { number, nodeId, head, draft, branch: intended.body.branch }, blobs: [] }
  }
}

async function branch(open: OpenRepository, { body }: Intended<'open-pull-request'>): Promise<ObjectId> {
  const found = await headOf(open, body.branch)
  if (found !== undefined) return ownStart(open, body, found)
  const { octokit, at } = open
  const { base, message } = body
  const commit = await asked('Making the first commit', () =>
    octokit.request('POST /repos/{owner}/{repo}/git/commits', { ...at, message, tree: base.tree, parents: [base.sha] }),
  )
  const sha = ObjectId.parse(commit.data.sha)
  const ref = `refs/heads/${branchName(body.branch)}`
  await asked(`Creating the branch ${body.branch}`, () =>
    octokit.request('POST /repos/{owner}/{repo}/git/refs', { ...at, ref, sha }),
  )
  return sha
}

/** A branch that is there already must be the one that an earlier attempt made. */
async function ownStart(open: OpenRepository, body: Body, found: ObjectId): Promise<ObjectId> {
  const { message, tree, parents } = await commitAt(open, found)
  const same = message.trimEnd() === body.message.trimEnd() && tree === body.base.tree && parents[0] === body.base.sha
  if (!same) throw new WillNotWork(`The branch ${body.branch} is there already and is not of this run`)
  return found
}

async function openedEarlier(
  { octokit, at }: OpenRepository,
  branch: string,
  botId: string,
): Promise<Opened | undefined> {
  const head = `${at.owner}:${branchName(branch)}`
  const { data } = await asked('Looking for the pull request', () =>
    octokit.request('GET /repos/{owner}/{repo}/pulls', { ...at, head, state: 'all', per_page: 100 }),
  )
  const own = data.find((pull) => pull.head.ref === branchName(branch) && String(pull.user?.id) === botId)
  return own === undefined ? undefined : { number: own.number, nodeId: own.node_id, draft: own.draft === true }
}

async function pullRequest(open: OpenRepository, intended: Intended<'open-pull-request'>): Promise<Opened> {
  try {
    return await create(open, intended, true)
  } catch (error) {
    if (!isWithoutDrafts(error)) throw toFailure('Opening the pull request', error)
    return asked('Opening the pull request', () => create(open, intended, false))
  }
}

async function create(
  { octokit, at }: OpenRepository,
  { body, key }: Intended<'open-pull-request'>,
  draft: boolean,
): Promise<Opened> {
  const { data } = await octokit.request('POST /repos/{owner}/{repo}/pulls', {
    ...at,
    title: `${draft ? '' : NOT_READY}${body.title}`.slice(0, TITLE_LIMIT).toWellFormed(),
    head: branchName(body.branch),
    base: branchName(body.base.ref),
    body: fit(body.body, COMMENT_LIMIT, `\n\n${effectMarker(key)}`),
    draft,
  })
  return { number: data.number, nodeId: data.node_id, draft: data.draft === true }
}

/** Private repositories of free plans answer 422 to a draft. */
function isWithoutDrafts(error: unknown): boolean {
  const rejection = rejectionIn(error)
  return rejection?.status === 422 && /draft/i.test(rejection.message)
}
