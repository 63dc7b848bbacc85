import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Actions, type Dispatch, startActions } from './actions.ts'
import { answering, forward } from './answer.ts'
import { type Emulator, startEmulator } from './emulator.ts'
import { passOn } from './events.ts'
import { isRecord, type Repository } from './exchange.ts'
import {
  type Answered,
  type Asked,
  type FaultKind,
  type Front,
  type Incoming,
  type Recorded,
  startFront,
} from './front.ts'
import { importRepository } from './git.ts'
import { publicHalf } from './identity.ts'
import type { UserRow } from './rows.ts'
import { FIRST_INSTALLATION, installersOf, personalToken, type SeededRepository, seedOf } from './seed.ts'
import { commitSigner } from './signing.ts'
import { type Delivery, startWebhooks } from './webhooks.ts'
import type { Conclusion } from './workflow-run.ts'
import { ACTIONS_APP, APP, nodeId, PERMISSION_OF_ROLE, type Role, userByLogin, type World } from './world.ts'

export type { Dispatch } from './actions.ts'
export type { FaultKind, Recorded } from './front.ts'
export type { SeededRepository } from './seed.ts'
export type { Delivery } from './webhooks.ts'
export type { Conclusion } from './workflow-run.ts'
export type { Role } from './world.ts'

export type LocalGithubOptions = {
  /** Where the App hears of events; `setWebhookUrl` may say so later. */
  readonly webhookUrl?: string
  readonly webhookSecret: string
  /** On the free plan a private repository has no draft pull requests. Default: paid. */
  readonly privatePlan?: 'free' | 'paid'
  readonly repositories: readonly SeededRepository[]
}

/** GitHub on this machine: REST, GraphQL, git, webhooks and Actions runs, over real HTTP. */
export type LocalGithub = {
  /** Base of the REST API; GraphQL is `POST /graphql` below it. */
  readonly url: string
  cloneUrl(owner: string, name: string): string
  readonly app: {
    readonly id: number
    readonly slug: 'agentos'
    readonly privateKey: string
    readonly webhookSecret: string
    readonly installationId: number
    readonly botUserId: number
  }
  /** A personal token, to act as that person through the API. */
  token(login: string): string
  userId(login: string): number
  /** A token like the one an Actions job gets, held by `github-actions[bot]`. */
  installationToken(owner: string, repo: string, permissions: Readonly<Record<string, 'read' | 'write'>>): string
  setRole(owner: string, repo: string, login: string, role: Role | 'none'): void
  setWebhookUrl(url: string | undefined): void
  onDispatch(listener: (dispatch: Dispatch) => void): void
  onCancel(listener: (workflowRunId: number) => void): void
  startRun(workflowRunId: number): void
  finishRun(workflowRunId: number, conclusion: Conclusion): void
  readonly deliveries: readonly Delivery[]
  redeliver(deliveryId: number): boolean
  /** Resolves when every event so far has been delivered or has failed. */
  webhooksSettled(): Promise<void>
  readonly requests: readonly Recorded[]
  onRequest(listener: (recorded: Recorded) => void): void
  fault(match: (asked: Asked) => boolean, what: FaultKind, times: number): void
  close(): Promise<void>
}

const FIRST_OVERLAY_ID = 2_000_001

export async function startLocalGithub(options: LocalGithubOptions): Promise<LocalGithub> {
  let answer = notYet
  const front = await startFront((incoming) => answer(incoming))
  const dir = await mkdtemp(join(tmpdir(), 'local-github-'))
  const seeded: { world?: World } = {}
  const emulator = await startEmulator(seedOf(options), front.url, (event, payload, owner, repo) => {
    if (seeded.world !== undefined) passOn(seeded.world, event, payload, { owner, repo })
  })
  const world = makeWorld(options, front.url, emulator)
  seeded.world = world
  for (const wanted of options.repositories) await addRepository(world, emulator, wanted, dir)
  const actions = startActions(world)
  const identities = { world, tokens: emulator.tokens, publicKey: publicHalf(emulator.privateKey) }
  answer = answering({ world, emulator, identities, signer: commitSigner(), actionRoutes: actions.routes })
  return {
    ...surface({ options, world, emulator, front, actions }),
    close: async () => {
      await front.close()
      await world.hooks.settled()
      await emulator.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const notYet: (incoming: Incoming) => Promise<Answered> = () =>
  Promise.reject(new Error('the local GitHub is still starting'))

type Running = {
  readonly options: LocalGithubOptions
  readonly world: World
  readonly emulator: Emulator
  readonly front: Front
  readonly actions: Actions
}

function surface({ options, world, emulator, front, actions }: Running): Omit<LocalGithub, 'close'> {
  return {
    url: front.url,
    cloneUrl: (owner, name) => `${front.url}/${owner}/${name}.git`,
    app: {
      id: APP.id,
      slug: APP.slug,
      privateKey: emulator.privateKey,
      webhookSecret: options.webhookSecret,
      installationId: FIRST_INSTALLATION,
      botUserId: world.bot.id,
    },
    token: (login) => {
      demandUser(world, login)
      return personalToken(login)
    },
    userId: (login) => demandUser(world, login).id,
    installationToken: (owner, repo, permissions) =>
      jobToken({ world, emulator }, demandRepo(world, owner, repo), permissions),
    setRole: (owner, repo, login, role) => {
      setRole(world, demandRepo(world, owner, repo), demandUser(world, login), role)
    },
    setWebhookUrl: (url) => {
      world.hooks.setUrl(url)
    },
    onDispatch: actions.onDispatch,
    onCancel: actions.onCancel,
    startRun: actions.startRun,
    finishRun: actions.finishRun,
    deliveries: world.hooks.deliveries,
    redeliver: (id) => world.hooks.redeliver(id),
    webhooksSettled: () => world.hooks.settled(),
    requests: front.requests,
    onRequest: front.onRequest,
    fault: front.fault,
  }
}

function makeWorld(options: LocalGithubOptions, url: string, { tables }: Emulator): World {
  const bot = addBot(tables.users, APP.slug)
  addBot(tables.users, ACTIONS_APP.slug)
  const owners = installersOf(options.repositories)
  let lastId = FIRST_OVERLAY_ID
  return {
    url,
    tables,
    bot,
    privatePlan: options.privatePlan ?? 'paid',
    repositories: new Map(),
    pulls: new Map(),
    reviews: new Map(),
    reactions: new Map(),
    renderedRepositories: new Map(),
    before: new Map(),
    installationIds: new Map(owners.map((owner, index) => [owner, FIRST_INSTALLATION + index])),
    hooks: startWebhooks({ secret: options.webhookSecret, appId: APP.id, url: options.webhookUrl }),
    newId: () => (lastId += 1),
    now: () => new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}

function addBot(users: World['tables']['users'], slug: string): UserRow {
  const login = `${slug}[bot]`
  const plain = { login, node_id: '', gravatar_id: '', type: 'Bot', name: login, email: null, site_admin: false }
  const { id } = users.insert(plain)
  const row = users.update(id, { node_id: nodeId('Bot', id) })
  if (row === undefined) throw new TypeError(`cannot add ${login}`)
  return row
}

async function addRepository(world: World, emulator: Emulator, wanted: SeededRepository, dir: string): Promise<void> {
  const found = world.tables.repos.findOneBy('full_name', `${wanted.owner}/${wanted.name}`)
  if (found === undefined) throw new TypeError(`cannot add ${wanted.owner}/${wanted.name}`)
  const { git, defaultBranch } = await importRepository(wanted.from, join(dir, `${found.id}.git`))
  const row = world.tables.repos.update(found.id, { default_branch: defaultBranch, pushed_at: world.now() }) ?? found
  const repo: Repository = { row, owner: wanted.owner, git }
  world.repositories.set(row.id, repo)
  for (const { login, role } of wanted.collaborators) setRole(world, repo, demandUser(world, login), role)
  const token = jobToken({ world, emulator }, repo, { metadata: 'read', contents: 'read' })
  const rendered = await forward(
    { world, emulator },
    {
      method: 'GET',
      url: new URL(`/repos/${row.full_name}`, world.url),
      headers: { authorization: `Bearer ${token}` },
      bytes: Buffer.alloc(0),
      actor: { is: 'anonymous' },
    },
  )
  emulator.tokens.delete(token)
  if (!isRecord(rendered.json)) throw new TypeError(`cannot show ${row.full_name}`)
  const { permissions: _ofTheAsker, ...plain } = rendered.json
  world.renderedRepositories.set(row.id, plain)
}

function setRole(world: World, { row }: Repository, user: UserRow, role: Role | 'none'): void {
  const { collaborators } = world.tables
  for (const held of collaborators.findBy('repo_id', row.id))
    if (held.user_id === user.id) collaborators.delete(held.id)
  if (role === 'none') return
  collaborators.insert({ repo_id: row.id, user_id: user.id, permission: PERMISSION_OF_ROLE[role] })
}

function jobToken(
  { world, emulator }: Pick<Running, 'world' | 'emulator'>,
  { row, owner }: Repository,
  permissions: Readonly<Record<string, 'read' | 'write'>>,
): string {
  const token = `ghs_${randomBytes(24).toString('hex')}`
  emulator.tokens.set(token, {
    login: owner,
    id: row.owner_id,
    scopes: [],
    installation: {
      installationId: world.installationIds.get(owner) ?? 0,
      appId: ACTIONS_APP.id,
      accountId: row.owner_id,
      accountType: row.owner_type,
      permissions,
      repositoryIds: [row.id],
      repositorySelection: 'selected',
    },
  })
  return token
}

function demandUser(world: World, login: string): UserRow {
  const user = userByLogin(world, login)
  if (user === undefined) throw new TypeError(`${login} is not a user of the local GitHub`)
  return user
}

function demandRepo(world: World, owner: string, name: string): Repository {
  const repo = [...world.repositories.values()].find(({ row }) => row.full_name === `${owner}/${name}`)
  if (repo === undefined) throw new TypeError(`${owner}/${name} is not a repository of the local GitHub`)
  return repo
}
