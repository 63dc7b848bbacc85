import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Tables, TokenHolder } from './rows.ts'

const EMULATOR_VERSION = '0.12.2'

/** Ids of different kinds do not overlap, so that mistaking one for another shows. */
const FIRST_IDS = {
  users: 1_001,
  orgs: 5_001,
  repos: 70_001,
  issues: 300_001,
  comments: 900_001,
  labels: 40_001,
} as const

/** Thrown when the installed emulator is not the one this overlay was written against. */
export class EmulatorMismatch extends Error {
  override readonly name = 'EmulatorMismatch'
}

/** Called for each event that the emulator itself would have delivered. */
export type EmulatedEvent = (event: string, payload: unknown, owner: string, repo: string | undefined) => void

export type Emulator = {
  readonly tables: Tables
  readonly tokens: Map<string, TokenHolder>
  /** Answers a request with the emulator's own routes, in this process. */
  readonly fetch: (request: Request) => Promise<Response>
  readonly privateKey: string
  readonly close: () => Promise<void>
}

type EmulatedApp = { fetch(request: Request): Promise<Response> }
type Dispatcher = { dispatch: (...event: EventArguments) => Promise<void> }
type EventArguments = [
  event: string,
  action: string | undefined,
  payload: unknown,
  owner: string,
  repo: string | undefined,
]
type RegisterArguments = [
  app: EmulatedApp,
  store: object,
  webhooks: Dispatcher,
  baseUrl: string,
  tokens: Map<string, TokenHolder> | undefined,
]
type GithubChunk = {
  readonly githubPlugin: { register: (this: unknown, ...parts: RegisterArguments) => void }
  readonly getGitHubStore: (store: object) => Tables & Readonly<Record<keyof typeof FIRST_IDS, IdSource>>
}
type IdSource = { insert(row: { id: number }): { id: number }; delete(id: number): boolean }
type EmulatorApi = {
  createEmulator(options: object): Promise<{
    readonly generatedSecrets: readonly { readonly kind: string; readonly value: string }[]
    close(): Promise<void>
  }>
}

/** Boots the emulator with a seed, keeping hold of its routes, store, tokens and events. */
export async function startEmulator(seed: object, baseUrl: string, onEvent: EmulatedEvent): Promise<Emulator> {
  const dist = await emulatorDist()
  const chunk = await githubChunk(dist)
  const api: EmulatorApi = await import(pathToFileURL(join(dist, 'api.js')).href)
  const turn = await turnToStart()
  const register = chunk.githubPlugin.register
  const parts: RegisterArguments[] = []
  chunk.githubPlugin.register = function registerAndKeep(...given) {
    parts.push(given)
    spreadIds(chunk.getGitHubStore(given[1]))
    register.apply(this, given)
    given[2].dispatch = (...[event, , payload, owner, repo]) => {
      onEvent(event, payload, owner, repo)
      return Promise.resolve()
    }
  }
  try {
    const running = await api.createEmulator({ service: 'github', port: 0, hostname: '127.0.0.1', baseUrl, seed })
    return keep(chunk, parts, running)
  } finally {
    chunk.githubPlugin.register = register
    turn()
  }
}

function spreadIds(tables: Readonly<Record<keyof typeof FIRST_IDS, IdSource>>): void {
  for (const name of ['users', 'orgs', 'repos', 'issues', 'comments', 'labels'] as const) {
    tables[name].delete(tables[name].insert({ id: FIRST_IDS[name] }).id)
  }
}

function keep(
  chunk: GithubChunk,
  parts: readonly RegisterArguments[],
  running: Awaited<ReturnType<EmulatorApi['createEmulator']>>,
): Emulator {
  const [app, store, , , tokens] = parts[0] ?? []
  const key = running.generatedSecrets.find((secret) => secret.kind === 'github.app_private_key')
  if (app === undefined || store === undefined || tokens === undefined || key === undefined) {
    throw new EmulatorMismatch(`emulate ${EMULATOR_VERSION} did not register its GitHub routes as expected`)
  }
  return {
    tables: chunk.getGitHubStore(store),
    tokens,
    fetch: (request) => app.fetch(request),
    privateKey: key.value,
    close: () => running.close(),
  }
}

let lastTurn: Promise<void> = Promise.resolve()

/** Two emulators must not start at once: the plugin object they are caught through is shared. */
async function turnToStart(): Promise<() => void> {
  const before = lastTurn
  const { promise, resolve } = Promise.withResolvers<void>()
  lastTurn = promise
  await before
  return resolve
}

async function emulatorDist(): Promise<string> {
  const dist = dirname(fileURLToPath(import.meta.resolve('emulate')))
  const manifest: unknown = JSON.parse(await readFile(join(dist, '..', 'package.json'), 'utf8'))
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : 'none'
  if (version !== EMULATOR_VERSION) {
    throw new EmulatorMismatch(`the local GitHub needs emulate ${EMULATOR_VERSION}, found ${String(version)}`)
  }
  return dist
}

async function githubChunk(dist: string): Promise<GithubChunk> {
  for (const file of await readdir(dist)) {
    if (!file.endsWith('.js')) continue
    const text = await readFile(join(dist, file), 'utf8')
    if (!/export \{[^}]*\bgetGitHubStore\b[^}]*\bgithubPlugin\b/.test(text)) continue
    const chunk: GithubChunk = await import(pathToFileURL(join(dist, file)).href)
    if (typeof chunk.githubPlugin.register === 'function' && typeof chunk.getGitHubStore === 'function') return chunk
  }
  throw new EmulatorMismatch(`emulate ${EMULATOR_VERSION} has no chunk that exports githubPlugin and getGitHubStore`)
}
