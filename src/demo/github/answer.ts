import { CONTENTS_READ, CONTENTS_WRITE, need, notForApps } from './access.ts'
import { type AppCall, appRoutes } from './app-routes.ts'
import { checkRoutes } from './checks.ts'
import { contentsRoutes } from './contents.ts'
import type { Emulator } from './emulator.ts'
import {
  type Actor,
  notFound,
  type Received,
  Refused,
  type Reply,
  type RepoCall,
  type Repository,
  type Route,
} from './exchange.ts'
import { type Answered, type Incoming, toErrorReply } from './front.ts'
import { serveGit } from './git-http.ts'
import { answerGraphql } from './graphql.ts'
import { historyRoutes } from './history.ts'
import { type Identities, identify, tokenIn } from './identity.ts'
import { issueRoutes } from './issues.ts'
import { mend } from './mend.ts'
import { mergeRoutes } from './merge.ts'
import { objectRoutes } from './objects.ts'
import { peopleRoutes } from './people.ts'
import { pullRoutes } from './pulls.ts'
import { refMoved, refRoutes } from './refs.ts'
import { reviewCommentRoutes } from './review-comments.ts'
import { reviewRoutes } from './reviews.ts'
import { type Matched, router } from './routing.ts'
import type { CommitSigner } from './signing.ts'
import { canSee, findRepository, type World } from './world.ts'

/** The emulator answers these; what else it offers rests on a git store of its own that would tell another story. */
const EMULATED = [
  /^\/repos\/[^/]+\/[^/]+$/,
  /^\/repos\/[^/]+\/[^/]+\/(issues|labels|milestones|assignees|installation)(\/|$)/,
  /^\/repos\/[^/]+\/[^/]+\/collaborators$/,
  /^\/(app|user|users|orgs|rate_limit|meta|zen)(\/|$)/,
]

type Parts = {
  readonly world: World
  readonly emulator: Emulator
  readonly identities: Identities
  readonly signer: CommitSigner
  readonly actionRoutes: readonly Route<RepoCall>[]
}

type Site = Parts & {
  readonly findRepoRoute: (method: string, path: string) => Matched<RepoCall> | undefined
  readonly findAppRoute: (method: string, path: string) => Matched<AppCall> | undefined
}

/** Puts the overlay's routes before the emulator's. */
export function answering(parts: Parts): (incoming: Incoming) => Promise<Answered> {
  const { world, emulator, signer } = parts
  const site: Site = {
    ...parts,
    findAppRoute: router(
      appRoutes(world, (call) => {
        emulator.tokens.delete(tokenIn(call) ?? '')
      }),
    ),
    findRepoRoute: router([
      ...issueRoutes(world, (call) => forward(site, call)),
      ...peopleRoutes(world),
      ...mergeRoutes(world, signer),
      ...reviewRoutes(world),
      ...reviewCommentRoutes(world),
      ...pullRoutes(world),
      ...checkRoutes(world),
      ...parts.actionRoutes,
      ...refRoutes(world),
      ...objectRoutes(world, signer),
      ...contentsRoutes(world, signer),
      ...historyRoutes(world),
    ]),
  }
  return async (incoming) => {
    let actor: Actor = { is: 'anonymous' }
    try {
      actor = await identify(site.identities, incoming)
      return { reply: await route(site, { ...incoming, actor }), actor }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { reply: withChallenge(incoming, toErrorReply(error)), actor }
    }
  }
}

async function route(site: Site, received: Received): Promise<Reply> {
  const path = received.url.pathname
  const git = GIT_PATH.exec(path)
  if (git !== null) return answerGit(site, received, gitPathOf(git))
  if (path === '/graphql') return answerQuery(site, received)
  const own = site.findAppRoute(received.method, path)
  if (own !== undefined) return own.route.answer({ ...received, params: own.params })
  const inRepo = /^\/repos\/([^/]+)\/([^/]+)/.exec(path)
  if (inRepo === null || received.actor.is === 'app-itself') return forward(site, received)
  return answerRepo(site, received, demandRepository(site.world, received.actor, inRepo[1] ?? '', inRepo[2] ?? ''))
}

async function answerRepo(site: Site, received: Received, repo: Repository): Promise<Reply> {
  const found = site.findRepoRoute(received.method, received.url.pathname)
  if (found === undefined) return forward(site, received)
  if (!('user' in received.actor)) throw new Refused(401, 'Requires authentication')
  const row = site.world.tables.repos.get(repo.row.id) ?? repo.row
  return found.route.answer({ ...received, actor: received.actor, repo: { ...repo, row }, params: found.params })
}

function answerQuery(site: Site, received: Received): Promise<Reply> {
  if (received.method !== 'POST') throw notFound()
  if (!('user' in received.actor)) throw new Refused(401, 'This endpoint requires you to be authenticated.')
  return answerGraphql(site.world, received, received.actor)
}

const GIT_PATH = /^\/([^/]+)\/([^/]+?)\.git(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/

const gitPathOf = ([, owner = '', name = '', service = '']: RegExpExecArray): GitPath => ({ owner, name, service })

type GitPath = { readonly owner: string; readonly name: string; readonly service: string }

async function answerGit(site: Site, received: Received, { owner, name, service }: GitPath): Promise<Reply> {
  const { actor } = received
  if (!('user' in actor)) throw new Refused(401, 'Requires authentication')
  const repo = demandRepository(site.world, actor, owner, name)
  const pushes = service === '/git-receive-pack' || received.url.searchParams.get('service') === 'git-receive-pack'
  need(site.world, { ...received, actor, repo, params: {} }, pushes ? CONTENTS_WRITE : CONTENTS_READ)
  const { reply, moves } = await serveGit(received, repo, service)
  for (const move of moves) await refMoved(site.world, repo, actor.user, move)
  return reply
}

function demandRepository(world: World, actor: Actor, owner: string, name: string): Repository {
  const repo = findRepository(world, decodeURIComponent(owner), decodeURIComponent(name))
  if (repo === undefined || !canSee(world, actor, repo.row)) throw notFound()
  return repo
}

/** Lets the emulator answer, and mends what it says. */
export async function forward(
  { world, emulator }: Pick<Parts, 'world' | 'emulator'>,
  received: Received,
): Promise<Reply> {
  const { method, url, headers, bytes } = received
  if (!EMULATED.some((pattern) => pattern.test(url.pathname))) throw notFound()
  const wanted = new Headers(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
  const body = method === 'GET' || method === 'HEAD' || bytes.length === 0 ? {} : { body: new Uint8Array(bytes) }
  const answer = await emulator.fetch(new Request(url, { method, headers: wanted, ...body }))
  const link = answer.headers.get('link')
  const kept = link === null ? {} : { headers: { link } }
  const text = await answer.text()
  if (answer.status === 403 && received.actor.is === 'installation') throw notForApps()
  if (answer.status >= 400) throw new Refused(answer.status, messageOf(text, answer.status))
  if (text === '') return { status: answer.status, ...kept }
  const json: unknown = JSON.parse(text)
  return { status: answer.status, ...kept, json: mend(world, json) }
}

const HOP_BY_HOP = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'expect'])

function messageOf(text: string, status: number): string {
  const message = /"message":"([^"]+)"/.exec(text)?.[1] ?? 'Server Error'
  return status === 422 && message === 'Validation failed' ? 'Validation Failed' : message
}

/** git asks for a password only when it is told how to send one. */
function withChallenge({ url }: Incoming, reply: Reply): Reply {
  if (reply.status !== 401 || !/\.git\//.test(url.pathname)) return reply
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="GitHub"' } }
}
