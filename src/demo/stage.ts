import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { loadOrMakeKey } from '../adapters/signing/keys.ts'
import { type LocalGithub, type SeededRepository, startLocalGithub } from './github/local-github.ts'
import { type LocalOidc, startLocalOidc } from './oidc.ts'
import { type LocalRunner, startLocalRunner } from './runner.ts'

/** The commit that the sample's workflow file pins; the local issuer attests it for jobs that this file starts. */
export const RUNNER_WORKFLOW =
  'agentos-dev/agentos/.github/workflows/agentos.yml@c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff'

export type StageOptions = {
  /** Puts the workflow file into the repository before GitHub takes it in. */
  readonly prepare: (workflow: string) => Promise<SeededRepository>
  /** The server's main file, and the built Action. */
  readonly serverFile: string
  readonly bundle: string
  readonly dataDir: string
  /** The PATH of the runner's jobs. */
  readonly path: string
  readonly env?: Readonly<Record<string, string>>
  readonly privatePlan?: 'free' | 'paid'
  /** People who have a fork of the repository. */
  readonly forks?: readonly string[]
}

/** Everything that a run needs, on loopback: GitHub, the OIDC issuer, the runner, and the real server as its own process. */
export type Stage = {
  readonly github: LocalGithub
  readonly oidc: LocalOidc
  readonly runner: LocalRunner
  readonly repository: SeededRepository
  readonly url: string
  readonly publicKey: string
  /** What the server process wrote to stderr so far. */
  serverLog(): string
  /** Starts the server, again with the same data after `kill`. */
  start(extra?: Readonly<Record<string, string>>): Promise<void>
  /** Ends the server at once, as a power cut would. */
  kill(): Promise<void>
  /** The exit of the running server process. */
  exited(): Promise<void>
  /** A request to GitHub in somebody's name. */
  as(login: string, method: string, path: string, body?: unknown): Promise<Answer>
  /** A request to the server. */
  ask(path: string): Promise<Response>
  close(): Promise<void>
}

export type Answer = { readonly status: number; readonly body: unknown }

const WEBHOOK_SECRET = 'a local secret that guards nothing'

export async function openStage(options: StageOptions): Promise<Stage> {
  const signer = await loadOrMakeKey(options.dataDir)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const repository = await options.prepare(workflowFile(url, signer.publicKey))
  const plan = options.privatePlan === undefined ? {} : { privatePlan: options.privatePlan }
  const github = await startLocalGithub({
    webhookUrl: `${url}/api/github/webhooks`,
    webhookSecret: WEBHOOK_SECRET,
    repositories: [
      repository,
      ...(options.forks ?? []).map((owner) => ({ ...repository, owner, collaborators: [], installed: false })),
    ],
    ...plan,
  })
  const oidc = await startLocalOidc()
  const runner = startLocalRunner({ github, oidc, bundle: options.bundle, path: options.path })
  const env = serverEnvironment({ github, oidc, port, url, dataDir: options.dataDir })
  const server = serverProcess(options.serverFile, { ...env, ...options.env })
  return {
    github,
    oidc,
    runner,
    repository,
    url,
    publicKey: signer.publicKey,
    serverLog: server.log,
    start: server.start,
    kill: server.kill,
    exited: server.exited,
    as: (login, method, path, body) => request(github, github.token(login), { method, path, body }),
    ask: (path) => fetch(`${url}${path}`),
    close: async () => {
      await runner.close()
      await server.stop()
      await github.close()
      await oidc.close()
    },
  }
}

type ServerPlace = {
  readonly github: LocalGithub
  readonly oidc: LocalOidc
  readonly port: number
  readonly url: string
  readonly dataDir: string
}

function serverEnvironment({ github, oidc, port, url, dataDir }: ServerPlace): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET,
    GITHUB_API_URL: github.url,
    PUBLIC_URL: url,
    PORT: String(port),
    AGENTOS_DATA: dataDir,
    AGENTOS_OIDC_ISSUER: oidc.issuer,
    AGENTOS_RUNNER_WORKFLOW: RUNNER_WORKFLOW,
    AGENTOS_GITHUB_THROTTLE: 'off',
    LOG_LEVEL: 'info',
  }
}

function serverProcess(file: string, env: Readonly<Record<string, string>>) {
  const state: { child: ChildProcess | undefined; log: string } = { child: undefined, log: '' }
  const exited = async () => {
    const { child } = state
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return {
    log: () => state.log,
    exited,
    start: async (extra: Readonly<Record<string, string>> = {}) => {
      const child = spawn(process.execPath, [file], {
        env: { ...env, ...extra },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      state.child = child
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        state.log += text
      })
      const outcome = await Promise.race([
        once(child, 'message').then(() => 'listening'),
        once(child, 'exit').then(() => 'exit'),
      ])
      if (outcome === 'exit') throw new Error(`the server did not start: ${state.log.slice(-2000)}`)
    },
    kill: async () => {
      state.child?.kill('SIGKILL')
      await exited()
    },
    stop: async () => {
      state.child?.kill('SIGTERM')
      await exited()
    },
  }
}

async function request(
  github: LocalGithub,
  token: string,
  call: { method: string; path: string; body: unknown },
): Promise<Answer> {
  const response = await fetch(`${github.url}${call.path}`, {
    method: call.method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

/** The ten-line file that a maintainer copies, with this server's address and key. */
export function workflowFile(url: string, controllerKey: string): string {
  return [
    'name: AgentOS',
    'run-name: AgentOS ${{ inputs.mode }} ${{ inputs.effect }}',
    'on: { workflow_dispatch: { inputs: { grant: { required: true, type: string }, effect: { required: true, type: string }, mode: { required: true, type: string } } } }',
    'permissions: { contents: read, id-token: write }',
    'jobs:',
    '  agentos:',
    `    uses: ${RUNNER_WORKFLOW}`,
    '    with:',
    '      { grant: "${{ inputs.grant }}", effect: "${{ inputs.effect }}", mode: "${{ inputs.mode }}",',
    `        url: "${url}", controller-key: "${controllerKey}" }`,
    '',
  ].join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
