import { z } from 'zod'
import { need } from './access.ts'
import {
  bodyOf,
  created,
  isRecord,
  jsonOf,
  noContent,
  notFound,
  numberParam,
  ok,
  page,
  Refused,
  type Reply,
  type RepoCall,
  type Route,
  refuseLongBody,
} from './exchange.ts'
import { issueOf, renderUserById } from './render.ts'
import { nodeId, type Reaction, roleOf, type World } from './world.ts'

const NewReaction = z.object({
  content: z.enum(['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes']),
})
const TAKE_PART = { permission: 'issues', level: 'write', role: 'read' } as const
const READ = { permission: 'issues', level: 'read', role: 'read' } as const
const TRIAGE = { permission: 'issues', level: 'write', role: 'triage' } as const

export type Forward = (call: RepoCall) => Promise<Reply>

/** What the emulator lacks around issues, and the checks it leaves out. */
export const issueRoutes = (world: World, forward: Forward): readonly Route<RepoCall>[] => [
  ...reactionRoutes(world, '/repos/:owner/:repo/issues/comments/:id', (call) => {
    const comment = world.tables.comments.get(numberParam(call, 'id'))
    return comment?.repo_id === call.repo.row.id
  }),
  ...reactionRoutes(
    world,
    '/repos/:owner/:repo/issues/:id',
    (call) => issueOf(world, call.repo.row, numberParam(call, 'id')) !== undefined,
  ),
  { method: 'POST', path: '/repos/:owner/:repo/issues', answer: (call) => write(world, call, forward) },
  { method: 'PATCH', path: '/repos/:owner/:repo/issues/:id', answer: (call) => editIssue(world, call, forward) },
  { method: 'POST', path: '/repos/:owner/:repo/issues/:id/comments', answer: (call) => write(world, call, forward) },
  {
    method: 'PATCH',
    path: '/repos/:owner/:repo/issues/comments/:id',
    answer: (call) => editComment(world, call, forward),
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/issues/comments/:id',
    answer: (call) => editComment(world, call, forward),
  },
  ...['POST', 'PUT', 'DELETE'].flatMap((method) =>
    ['labels', 'labels/:name', 'assignees'].map((what) => ({
      method,
      path: `/repos/:owner/:repo/issues/:id/${what}`,
      answer: async (call: RepoCall) => {
        need(world, call, TRIAGE)
        const reply = await forward(call)
        return what === 'assignees' && method === 'POST' && reply.status === 200 ? { ...reply, status: 201 } : reply
      },
    })),
  ),
]

/** A comment or a new issue: anyone who can read may write one, within the limit. */
async function write(world: World, call: RepoCall, forward: Forward): Promise<Reply> {
  const isPull = call.params['id'] !== undefined && world.pulls.has(`${call.repo.row.id}#${call.params['id']}`)
  if (call.actor.is === 'user' || !isPull) need(world, call, TAKE_PART)
  else needEither(call)
  limitBody(call)
  return forward(call)
}

/** On a pull request, the permission for either kind of thread will do. */
function needEither(call: RepoCall): void {
  if (call.actor.is !== 'installation') return
  const { issues, pull_requests } = { issues: '', pull_requests: '', ...call.actor.permissions }
  if (issues !== 'write' && pull_requests !== 'write') throw new Refused(403, 'Resource not accessible by integration')
}

async function editIssue(world: World, call: RepoCall, forward: Forward): Promise<Reply> {
  const issue = issueOf(world, call.repo.row, numberParam(call, 'id'))
  if (issue === undefined) throw notFound()
  if (issue.user_id !== call.actor.user.id) need(world, call, TRIAGE)
  limitBody(call)
  const body = jsonOf(call.bytes)
  const fields = (['title', 'body'] as const).filter((field) => isRecord(body) && field in body)
  const before = Object.fromEntries(fields.map((field) => [field, issue[field]]))
  return forwardEdit(world, call, forward, before)
}

async function editComment(world: World, call: RepoCall, forward: Forward): Promise<Reply> {
  const comment = world.tables.comments.get(numberParam(call, 'id'))
  if (comment?.repo_id !== call.repo.row.id) throw notFound()
  const role = roleOf(world, call.actor.user, call.repo.row)
  const writer = call.actor.is === 'installation' || role === 'write' || role === 'maintain' || role === 'admin'
  if (comment.user_id !== call.actor.user.id && !writer) throw new Refused(403, 'Must have admin rights to Repository.')
  limitBody(call)
  return forwardEdit(world, call, forward, { body: comment.body })
}

async function forwardEdit(
  world: World,
  call: RepoCall,
  forward: Forward,
  before: Readonly<Record<string, string | null>>,
): Promise<Reply> {
  world.before.set(call.url.pathname, before)
  try {
    return await forward(call)
  } finally {
    world.before.delete(call.url.pathname)
  }
}

function limitBody(call: RepoCall): void {
  const body = jsonOf(call.bytes)
  if (isRecord(body) && typeof body['body'] === 'string') refuseLongBody('IssueComment', body['body'])
}

function reactionRoutes(world: World, path: string, exists: (call: RepoCall) => boolean): readonly Route<RepoCall>[] {
  const listOf = (call: RepoCall): Reaction[] => {
    if (!exists(call)) throw notFound()
    const key = call.url.pathname.replace(/(\/reactions)\/\d+$/, '$1')
    const list = world.reactions.get(key) ?? []
    world.reactions.set(key, list)
    return list
  }
  return [
    {
      method: 'GET',
      path: `${path}/reactions`,
      answer: (call) => {
        need(world, call, READ)
        const content = call.url.searchParams.get('content')
        const shown = listOf(call).filter((reaction) => content === null || reaction.content === content)
        return page(
          call,
          shown.map((reaction) => renderReaction(world, reaction)),
        )
      },
    },
    { method: 'POST', path: `${path}/reactions`, answer: (call) => react(world, call, listOf(call)) },
    {
      method: 'DELETE',
      path: `${path}/reactions/:reaction`,
      answer: (call) => {
        need(world, call, TAKE_PART)
        const list = listOf(call)
        const at = list.findIndex(({ id }) => id === numberParam(call, 'reaction'))
        if (at === -1) throw notFound()
        list.splice(at, 1)
        return noContent()
      },
    },
  ]
}

/** The same reaction by the same person a second time is the first one again. */
function react(world: World, call: RepoCall, list: Reaction[]): Reply {
  need(world, call, TAKE_PART)
  const { content } = bodyOf(call, NewReaction)
  const same = list.find((reaction) => reaction.content === content && reaction.userId === call.actor.user.id)
  if (same !== undefined) return ok(renderReaction(world, same))
  const reaction = { id: world.newId(), userId: call.actor.user.id, content, createdAt: world.now() }
  list.push(reaction)
  return created(renderReaction(world, reaction))
}

const renderReaction = (world: World, reaction: Reaction) => ({
  id: reaction.id,
  node_id: nodeId('Reaction', reaction.id),
  user: renderUserById(world, reaction.userId),
  content: reaction.content,
  created_at: reaction.createdAt,
})
