import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { CONTENTS_WRITE, need } from './access.ts'
import { identityOf, readCommit, WEB_FLOW, writeCommit } from './commits.ts'
import { bodyOf, ok, Refused, type RepoCall, type Repository, type Route } from './exchange.ts'
import { demandPull, type Found } from './find-pull.ts'
import { GitFailure, openGit } from './git.ts'
import { commitsBetween } from './history.ts'
import { mergeTree } from './merge-tree.ts'
import { closeBecauseOf } from './pull-state.ts'
import { readRef, refMoved, refuseWorkflowChange } from './refs.ts'
import type { CommitSigner } from './signing.ts'
import type { World } from './world.ts'

const Merge = z.object({
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
  sha: z.string().optional(),
  merge_method: z.enum(['merge', 'squash', 'rebase']).default('merge'),
})
type Merge = z.infer<typeof Merge>

export const mergeRoutes = (world: World, signer: CommitSigner): readonly Route<RepoCall>[] => [
  {
    method: 'PUT',
    path: '/repos/:owner/:repo/pulls/:number/merge',
    answer: (call) => merge(world, call, signer),
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number/merge',
    answer: (call) => {
      if (demandPull(world, call).pull.mergedAt === null) throw new Refused(404, 'Not Found')
      return { status: 204 }
    },
  },
]

async function merge(world: World, call: RepoCall, signer: CommitSigner) {
  need(world, call, CONTENTS_WRITE)
  const wanted = bodyOf(call, Merge)
  const found = demandPull(world, call)
  const { pull, issue } = found
  if (pull.draft) throw new Refused(405, 'Pull Request is still a draft')
  if (issue.state === 'closed') throw new Refused(405, 'Pull Request is not mergeable')
  if (wanted.sha !== undefined && wanted.sha !== pull.headSha) {
    throw new Refused(409, 'Head branch was modified. Review and try the merge again.')
  }
  const ref = `refs/heads/${pull.baseRef}`
  const base = await readRef(call.repo, ref)
  if (base === undefined) throw new Refused(405, 'Base branch does not exist')
  const make = wanted.merge_method === 'rebase' ? rebase : mergeOrSquash
  const sha = await make(world, { call, found, base, wanted, signer })
  const move = { ref, before: base, after: sha, forced: false }
  await refuseWorkflowChange(call.repo, call.actor, move)
  await call.repo.git.bytes(['update-ref', ref, sha, base])
  closeBecauseOf(world, { repo: call.repo, pull, sender: call.actor.user }, sha)
  await refMoved(world, call.repo, call.actor.user, move)
  return ok({ sha, merged: true, message: 'Pull Request successfully merged' })
}

type Merging = {
  readonly call: RepoCall
  readonly found: Found
  readonly base: string
  readonly wanted: Merge
  readonly signer: CommitSigner
}

async function mergeOrSquash(world: World, { call, found, base, wanted, signer }: Merging): Promise<string> {
  const { pull } = found
  const tree = await mergeTree(call.repo, base, pull.headSha)
  if (tree === undefined) throw new Refused(405, 'Merge conflict')
  const squash = wanted.merge_method === 'squash'
  const message = squash ? await squashMessage(call.repo, found, wanted) : mergeMessage(call.repo, found, wanted)
  const date = world.now()
  const people = { author: { ...identityOf(call.actor.user), date }, committer: { ...WEB_FLOW, date } }
  const parents = squash ? [base] : [base, pull.headSha]
  return writeCommit(call.repo.git, { tree, parents, message, ...people }, signer)
}

/** With a single commit GitHub keeps its message; with several only the pull request's title. */
async function squashMessage(repo: Repository, { pull, issue }: Found, wanted: Merge): Promise<string> {
  const commits = await commitsBetween(repo, pull.baseSha, pull.headSha)
  const only = commits.length === 1 ? commits[0] : undefined
  const message = only === undefined ? issue.title : (await readCommit(repo.git, only)).message
  const [subject = '', ...lines] = message.trimEnd().split('\n')
  const rest = lines.join('\n').trimStart()
  const title = wanted.commit_title ?? `${subject} (#${pull.number})`
  const body = wanted.commit_message ?? rest
  return body === '' ? title : `${title}\n\n${body}`
}

function mergeMessage(repo: Repository, { pull, issue }: Found, wanted: Merge): string {
  const title = wanted.commit_title ?? `Merge pull request #${pull.number} from ${repo.owner}/${pull.headRef}`
  return `${title}\n\n${wanted.commit_message ?? issue.title}`
}

async function rebase(world: World, { call, found, base }: Merging): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'local-github-rebase-'))
  const git = call.repo.git
  const date = world.now()
  const env = { GIT_COMMITTER_NAME: WEB_FLOW.name, GIT_COMMITTER_EMAIL: WEB_FLOW.email, GIT_COMMITTER_DATE: date }
  try {
    await git.bytes(['worktree', 'add', '--quiet', '--detach', dir, base])
    const work = openGit(dir)
    const shas = await commitsBetween(call.repo, base, found.pull.headSha)
    await work.bytes(['cherry-pick', '--allow-empty', '--keep-redundant-commits', ...shas], { env })
    return await work.text(['rev-parse', 'HEAD'])
  } catch (error) {
    if (error instanceof GitFailure) throw new Refused(405, 'This branch cannot be rebased due to conflicts')
    throw error
  } finally {
    await git.succeeds(['worktree', 'remove', '--force', dir])
    await rm(dir, { recursive: true, force: true })
  }
}
