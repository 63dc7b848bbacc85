import { z } from 'zod'
import { CONTENTS_READ, CONTENTS_WRITE, need } from './access.ts'
import { commitNodeId, identityOf, readCommit, resolveCommit } from './commits.ts'
import { announce, announcePull } from './events.ts'
import {
  type Actor,
  bodyOf,
  created,
  noContent,
  notFound,
  ok,
  page,
  param,
  Refused,
  type RepoCall,
  type Repository,
  type Route,
  type SignedIn,
} from './exchange.ts'
import { GitFailure, isOid, ZERO_OID } from './git.ts'
import { takeHead } from './pull-head.ts'
import { closeBecauseOf } from './pull-state.ts'
import type { UserRow } from './rows.ts'
import type { Pull, World } from './world.ts'

/** A ref's value before and after; forty zeros mean absent. */
export type RefMove = {
  readonly ref: string
  readonly before: string
  readonly after: string
  readonly forced: boolean
}

const CreateRef = z.object({ ref: z.string(), sha: z.string() })
const UpdateRef = z.object({ sha: z.string(), force: z.boolean().default(false) })

export const refRoutes = (world: World): readonly Route<RepoCall>[] => [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/git/ref/*ref',
    answer: async (call) => {
      need(world, call, CONTENTS_READ)
      const ref = `refs/${param(call, 'ref')}`
      return ok(renderRef(world, call.repo, ref, await demandRef(call.repo, ref)))
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/git/matching-refs/*ref',
    answer: async (call) => {
      need(world, call, CONTENTS_READ)
      const prefix = `refs/${param(call, 'ref')}`
      const refs = (await listRefs(call.repo)).filter(({ ref }) => ref.startsWith(prefix))
      return page(
        call,
        refs.map(({ ref, sha }) => renderRef(world, call.repo, ref, sha)),
      )
    },
  },
  { method: 'POST', path: '/repos/:owner/:repo/git/refs', answer: (call) => createRef(world, call) },
  { method: 'PATCH', path: '/repos/:owner/:repo/git/refs/*ref', answer: (call) => updateRef(world, call) },
  { method: 'DELETE', path: '/repos/:owner/:repo/git/refs/*ref', answer: (call) => deleteRef(world, call) },
]

async function createRef(world: World, call: RepoCall) {
  need(world, call, CONTENTS_WRITE)
  const { ref, sha } = bodyOf(call, CreateRef)
  if (!/^refs\/(?!pull\/)[^/]+\/./.test(ref) || !(await call.repo.git.succeeds(['check-ref-format', ref]))) {
    throw new Refused(422, 'Reference name is invalid')
  }
  if ((await readRef(call.repo, ref)) !== undefined) throw new Refused(422, 'Reference already exists')
  await demandObject(call.repo, sha)
  await moveRef(world, call.repo, call.actor, { ref, before: ZERO_OID, after: sha, forced: false })
  return created(renderRef(world, call.repo, ref, sha))
}

async function updateRef(world: World, call: RepoCall) {
  need(world, call, CONTENTS_WRITE)
  const { sha, force } = bodyOf(call, UpdateRef)
  const ref = `refs/${param(call, 'ref')}`
  const before = await readRef(call.repo, ref)
  if (before === undefined) throw new Refused(422, 'Reference does not exist')
  await demandObject(call.repo, sha)
  const forward = await isForward(call.repo, before, sha)
  if (!forward && !force) throw new Refused(422, 'Update is not a fast forward')
  await moveRef(world, call.repo, call.actor, { ref, before, after: sha, forced: !forward })
  return ok(renderRef(world, call.repo, ref, sha))
}

async function deleteRef(world: World, call: RepoCall) {
  need(world, call, CONTENTS_WRITE)
  const ref = `refs/${param(call, 'ref')}`
  const before = await readRef(call.repo, ref)
  if (before === undefined) throw new Refused(422, 'Reference does not exist')
  await moveRef(world, call.repo, call.actor, { ref, before, after: ZERO_OID, forced: false })
  return noContent()
}

/** Moves a ref if it still has its value before, then tells everyone concerned. */
export async function moveRef(world: World, repo: Repository, actor: SignedIn, move: RefMove): Promise<void> {
  await refuseWorkflowChange(repo, actor, move)
  const change = move.after === ZERO_OID ? ['-d', move.ref, move.before] : [move.ref, move.after, move.before]
  try {
    await repo.git.bytes(['update-ref', ...change])
  } catch (error) {
    if (error instanceof GitFailure) throw new Refused(422, `Reference cannot be updated: ${move.ref}`)
    throw error
  }
  await refMoved(world, repo, actor.user, move)
}

/** What follows from a ref that has moved: events, and pull requests that follow their branch. */
export async function refMoved(world: World, repo: Repository, sender: UserRow, move: RefMove): Promise<void> {
  world.tables.repos.update(repo.row.id, { pushed_at: world.now() })
  const kind = kindOf(move.ref)
  const short = move.ref.replace(/^refs\/(heads|tags)\//, '')
  if (kind !== 'other' && (move.before === ZERO_OID || move.after === ZERO_OID)) {
    announce(world, repo, sender, {
      event: move.before === ZERO_OID ? 'create' : 'delete',
      ref: short,
      ref_type: kind,
      ...(move.before === ZERO_OID ? { master_branch: repo.row.default_branch, description: null } : {}),
      pusher_type: 'user',
    })
  }
  announce(world, repo, sender, { event: 'push', ...(await pushOf(world, repo, sender, move)) })
  if (kind === 'branch') await pullsFollow(world, repo, sender, { ...move, ref: short })
}

/** Only branches and tags are created and deleted in the words of a webhook. */
function kindOf(ref: string): 'branch' | 'tag' | 'other' {
  if (ref.startsWith('refs/heads/')) return 'branch'
  return ref.startsWith('refs/tags/') ? 'tag' : 'other'
}

async function pullsFollow(world: World, repo: Repository, sender: UserRow, move: RefMove): Promise<void> {
  for (const pull of world.pulls.values()) {
    const home = world.repositories.get(pull.repoId)
    const issue = world.tables.issues.findBy('repo_id', pull.repoId).find(({ number }) => number === pull.number)
    if (home === undefined || issue?.state !== 'open') continue
    const at = { repo: home, pull, sender }
    if (pull.headRepoId === repo.row.id && pull.headRef === move.ref) await headMoved(world, at, repo, move)
    else if (pull.repoId === repo.row.id && pull.baseRef === move.ref) await baseMoved(world, at, move)
  }
}

async function headMoved(world: World, at: Following, from: Repository, move: RefMove): Promise<void> {
  if (move.after === ZERO_OID) {
    closeBecauseOf(world, at)
    return
  }
  const issue = world.tables.issues.findBy('repo_id', at.repo.row.id).find(({ number }) => number === at.pull.number)
  if (issue !== undefined) world.tables.issues.update(issue.id, {})
  await takeHead(at.repo, from, move.after)
  await follow(world, at, move)
}

async function baseMoved(world: World, at: Following, move: RefMove): Promise<void> {
  if (move.after !== ZERO_OID && at.pull.mergedAt === null) await closeIfLanded(world, at, move)
}

type Following = { readonly repo: Repository; readonly pull: Pull; readonly sender: UserRow }

async function follow(world: World, { repo, pull, sender }: Following, { before, after }: RefMove): Promise<void> {
  pull.headSha = after
  pull.baseSha = (await readRef(repo, `refs/heads/${pull.baseRef}`)) ?? pull.baseSha
  await repo.git.bytes(['update-ref', `refs/pull/${pull.number}/head`, after])
  announcePull(world, { repo, pull, sender }, 'synchronize', { before, after })
}

/** A pull request whose head the base has come to contain is merged. */
async function closeIfLanded(world: World, at: Following, { after }: RefMove): Promise<void> {
  const { headSha, baseSha } = at.pull
  if (headSha !== baseSha && (await isForward(at.repo, headSha, after))) closeBecauseOf(world, at, headSha)
}

async function pushOf(world: World, repo: Repository, sender: UserRow, move: RefMove) {
  const html = `${world.url}/${repo.row.full_name}`
  const commits = move.after === ZERO_OID ? [] : await pushedCommits(world, repo, move)
  return {
    ref: move.ref,
    before: move.before,
    after: move.after,
    created: move.before === ZERO_OID,
    deleted: move.after === ZERO_OID,
    forced: move.forced,
    base_ref: null,
    compare: `${html}/compare/${move.before.slice(0, 12)}...${move.after.slice(0, 12)}`,
    commits,
    head_commit: move.after === ZERO_OID ? null : await pushedCommit(world, repo, move.after),
    pusher: identityOf(sender),
  }
}

async function pushedCommits(world: World, repo: Repository, { ref, before, after }: RefMove) {
  const known = before === ZERO_OID ? ['--not', `--exclude=${ref}`, '--exclude=refs/pull/*', '--all'] : [`^${before}`]
  const list = await repo.git.text(['rev-list', '--reverse', '--max-count=20', after, ...known])
  return Promise.all(
    list
      .split('\n')
      .filter(isOid)
      .map((sha) => pushedCommit(world, repo, sha)),
  )
}

async function pushedCommit(world: World, repo: Repository, sha: string) {
  const commit = await readCommit(repo.git, sha)
  const names = await repo.git.text(['diff-tree', '-r', '--root', '--no-commit-id', '--name-status', '-z', sha])
  const parts = names.split('\0')
  const having = (letters: string) =>
    parts.filter((_, index) => index % 2 === 1 && letters.includes((parts[index - 1] ?? '?').charAt(0)))
  return {
    id: sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message.replace(/\n$/, ''),
    timestamp: commit.committer.date,
    url: `${world.url}/${repo.row.full_name}/commit/${sha}`,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
    added: having('A'),
    removed: having('D'),
    modified: having('MT'),
  }
}

/** An App without the `workflows` permission may not bring new workflow files into the repository. */
export async function refuseWorkflowChange(repo: Repository, actor: Actor, move: RefMove): Promise<void> {
  if (actor.is !== 'installation' || actor.permissions['workflows'] === 'write' || move.after === ZERO_OID) return
  const list = await repo.git.text(['rev-list', move.after, '--not', '--all'])
  for (const sha of list.split('\n').filter(isOid)) {
    const changed = await repo.git.text([
      'diff-tree',
      '-r',
      '-m',
      '--root',
      '--no-commit-id',
      '--name-only',
      sha,
      '--',
      '.github/workflows',
    ])
    const path = changed.split('\n')[0] ?? ''
    if (path === '') continue
    throw new Refused(
      422,
      `refusing to allow a GitHub App to create or update workflow \`${path}\` without \`workflows\` permission`,
    )
  }
}

export async function readRef(repo: Repository, ref: string): Promise<string | undefined> {
  if (!/^refs\/[^\s~^:?*[\\]+$/.test(ref) || ref.includes('..')) return undefined
  const found = await repo.git.text(['for-each-ref', '--format=%(objectname) %(refname)', ref])
  return found
    .split('\n')
    .find((line) => line.slice(41) === ref)
    ?.slice(0, 40)
}

export async function listRefs(repo: Repository): Promise<readonly { ref: string; sha: string }[]> {
  const all = await repo.git.text(['for-each-ref', '--format=%(objectname) %(refname)'])
  return all
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ sha: line.slice(0, 40), ref: line.slice(41) }))
}

/** Whether `to` contains `from`. */
export const isForward = (repo: Repository, from: string, to: string): Promise<boolean> =>
  repo.git.succeeds(['merge-base', '--is-ancestor', from, to])

async function demandRef(repo: Repository, ref: string): Promise<string> {
  const sha = await readRef(repo, ref)
  if (sha === undefined) throw notFound()
  return sha
}

async function demandObject(repo: Repository, sha: string): Promise<void> {
  if (isOid(sha) && (await resolveCommit(repo.git, sha)) === sha) return
  throw new Refused(422, 'Object does not exist')
}

const renderRef = (world: World, repo: Repository, ref: string, sha: string) => ({
  ref,
  node_id: `${commitNodeId(repo, sha)}_${Buffer.from(ref).toString('base64url')}`,
  url: `${world.url}/repos/${repo.row.full_name}/git/${ref}`,
  object: { type: 'commit', sha, url: `${world.url}/repos/${repo.row.full_name}/git/commits/${sha}` },
})
