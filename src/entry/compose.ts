import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Probot } from 'probot'
import { parseYaml } from '../adapters/control/parse-yaml.ts'
import { readShippedPack } from '../adapters/control/shipped-pack.ts'
import { type GithubAccess, githubAccess } from '../adapters/github/access.ts'
import { type GithubSetup, githubApp } from '../adapters/github/app.ts'
import { parseArrival } from '../adapters/github/arrival.ts'
import { githubDesk } from '../adapters/github/desk.ts'
import { githubIngress } from '../adapters/github/ingress.ts'
import { githubRedelivery } from '../adapters/github/redeliver.ts'
import { siteOf } from '../adapters/github/site.ts'
import type { OpenLedger } from '../adapters/ledger/open.ts'
import { renderDiff } from '../adapters/rendering/diff-text.ts'
import { keyidOf, openEnvelope } from '../adapters/signing/ed25519.ts'
import { oidcVerifier } from '../adapters/signing/oidc.ts'
import { bodyReader } from '../adapters/web/body.ts'
import { webServer } from '../adapters/web/web-server.ts'
import type { Claims } from '../app/claim-parts.ts'
import { jobDesk } from '../app/claims.ts'
import type { ControlSource } from '../app/control-plane.ts'
import { describe } from '../app/describe.ts'
import { exportEvidence } from '../app/evidence/export.ts'
import type { KeepsakeSource } from '../app/evidence/kept-evidence.ts'
import { placeInLog } from '../app/evidence/log-place.ts'
import { guarded } from '../app/guarded.ts'
import type { Intake } from '../app/intake-parts.ts'
import { journal } from '../app/journal.ts'
import { type SigningSource, signTold } from '../app/kept-checkpoint.ts'
import { logTree } from '../app/log-tree.ts'
import { type Loops, work } from '../app/loops.ts'
import { discreetDesk } from '../app/outbound/discreet-desk.ts'
import type { Clock, GithubDesk, Signer } from '../app/ports.ts'
import { queries } from '../app/queries.ts'
import type { Journal } from '../app/recording.ts'
import { type ReplayWatch, watchReplay } from '../app/redecide/replay-rounds.ts'
import { signGrantWith } from '../app/sign-grant.ts'
import { readKeys } from '../app/signing-keys.ts'
import { sweep } from '../app/sweep.ts'
import { wakingJournal } from '../app/wake.ts'
import type { Log, Worker } from '../app/worker.ts'
import { ObjectId } from '../domain/hash.ts'
import type { TrustedRelease } from '../domain/job.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import { signerFor } from './controller-key.ts'
import { thisEngine } from './engine.ts'
import { type Environment, WrongEnvironment } from './environment.ts'
import { listen } from './listen.ts'
import { modules } from './modules.ts'
import { ownStore } from './own-store.ts'
import { performersFor } from './performers.ts'
import { filterFor, keptKeys } from './process-secrets.ts'
import { takeRounds } from './rounds.ts'

/** A running server: where it listens, and how to end it without losing what it has begun. */
export type RunningServer = {
  readonly url: string
  readonly notice: string | undefined
  readonly keyid: string
  readonly log: Log
  close(): Promise<void>
}

export type ServerOptions = {
  readonly env: Environment
  readonly process: Readonly<Record<string, string | undefined>>
  /** Made over the server's own filter, which knows a key that is only made at the first start. */
  readonly log: (filter: SecretFilter) => Log
  readonly clock: Clock
  /** Take in webhooks and answer, but perform nothing. */
  readonly paused: boolean
}

/** Wires every part and begins to work. Throws WrongEnvironment or GithubNotSetUp with what is missing. */
export async function composeServer(options: ServerOptions): Promise<RunningServer> {
  const { env, paused } = options
  const signer = await signerFor(env)
  const filter = filterFor(options.process, keptKeys(env.AGENTOS_DATA))
  const log = options.log(filter)
  const probot = await githubApp({ ...githubSetup(env), filter })
  const stop = new AbortController()
  const store = await ownStore(env, { clock: options.clock, signer, filter, log, stop })
  const access = githubAccess(probot)
  const answering = Promise.withResolvers<RequestListener>()
  const server = createServer((request, response) => void answering.promise.then((answer) => answer(request, response)))
  const url = await listen(server, env)
  const publicUrl = (env.PUBLIC_URL ?? url).replace(/\/+$/, '')
  const parts: Parts = {
    options,
    filter,
    log,
    store,
    runs: wakingJournal(journal(store), store.ledger),
    signer,
    github: discreetDesk(githubDesk(access), filter),
    publicUrl,
    replay: watchReplay({ ledger: store.ledger, clock: options.clock, log, engine: thisEngine().digest }),
    control: await controlSource(filter),
    evidence: keepsakeSource(store, signer, options.clock),
  }
  answering.resolve(webFor(parts, probot))
  const working = paused ? Promise.resolve() : work(loopsFor(parts, access), stop.signal)
  const sweeping = sweep({ redeliver: githubRedelivery(probot), log }, stop.signal)
  const signing = { ...parts.evidence, checkpoints: store.checkpoints }
  const rounds = takeRounds({ env, store, signing, replay: parts.replay, log, paused }, stop.signal)
  return {
    url,
    notice: store.notice,
    keyid: signer.keyid,
    log,
    close: () => shutDown({ server, stop, working: Promise.all([working, sweeping, rounds]), store, signing, log }),
  }
}

function keepsakeSource({ ledger }: OpenLedger, signer: Signer, clock: Clock): KeepsakeSource {
  return { ledger, signer, clock, log: logTree(ledger).now, open: openEnvelope }
}

function githubSetup(env: Environment): Omit<GithubSetup, 'filter'> {
  return {
    appId: env.APP_ID,
    privateKey: env.PRIVATE_KEY,
    webhookSecret: env.WEBHOOK_SECRET,
    throttle: env.AGENTOS_GITHUB_THROTTLE,
    ...(env.GITHUB_API_URL === undefined ? {} : { baseUrl: env.GITHUB_API_URL }),
  }
}

const HANDS = 4

function loopsFor(parts: Parts, access: GithubAccess): Loops {
  const { store, runs, signer, options, filter, log } = parts
  const { clock } = options
  const performers = performersFor({ ...parts, process: options.process }, access)
  const name = `server-${process.pid}-${randomBytes(4).toString('hex')}`
  const { ledger, queue, inbox } = store
  const worker: Worker = { ledger, queue, journal: runs, performers, signer, clock, log, filter, name }
  return { worker, intake: intakeFor(parts), inbox, parse: parseArrival, log, hands: HANDS }
}

/** GitHub itself waits no longer for an answer. */
const WEBHOOK_TIMEOUT_MS = 10_000

type Parts = {
  readonly options: ServerOptions
  readonly filter: SecretFilter
  readonly log: Log
  readonly store: OpenLedger
  readonly runs: Journal
  readonly signer: Signer
  readonly github: GithubDesk
  readonly publicUrl: string
  readonly control: ControlSource
  readonly replay: ReplayWatch
  readonly evidence: KeepsakeSource
}

function webFor(parts: Parts, probot: Probot): RequestListener {
  const {
    store,
    runs,
    publicUrl,
    log,
    options: { env, clock },
  } = parts
  return webServer({
    ingress: githubIngress({
      probot,
      inbox: store.inbox,
      clock,
      readBody: bodyReader(WEBHOOK_TIMEOUT_MS),
      onPersisted: () => undefined,
      onFault: (error) => log('error', 'a delivery could not be kept', { error: describe(error) }),
    }),
    ledger: store.ledger,
    queries: queries({ ledger: store.ledger, queue: store.queue, journal: runs }),
    desk: jobDesk(claimsFor(parts)),
    evidence: async (run) => {
      const text = await exportEvidence({ ...parts.evidence, place: placeInLog(parts.evidence) }, run)
      return text === undefined ? undefined : new TextEncoder().encode(text)
    },
    keys: async () => ({ keys: (await readKeys(store.ledger)).keys }),
    deliveriesWaiting: () => store.inbox.waiting(),
    replayed: parts.replay.standing,
    readToken: env.AGENTOS_READ_TOKEN ?? '',
    publicUrl,
    log,
    filter: parts.filter,
  })
}

async function controlSource(filter: SecretFilter): Promise<ControlSource> {
  return { engine: thisEngine().version, shipped: await readShippedPack(), parseYaml, modules, filter }
}

function intakeFor({ options, store, runs, github, publicUrl, control }: Parts): Intake {
  return {
    ledger: store.ledger,
    queue: store.queue,
    journal: runs,
    github,
    control,
    clock: options.clock,
    random: (bytes) => randomBytes(bytes),
    instance: publicUrl,
    site: siteOf(options.env.GITHUB_API_URL),
    engine: thisEngine(),
  }
}

function claimsFor({ options, filter, store, runs, signer, github, publicUrl }: Parts): Claims {
  const { env, clock } = options
  return {
    ledger: store.ledger,
    journal: runs,
    attest: oidcVerifier({ issuer: env.AGENTOS_OIDC_ISSUER, publicUrl, clock }),
    open: openEnvelope,
    keyidOf,
    signGrant: signGrantWith(signer),
    readerFor: (repository) => github.reader(repository),
    render: renderDiff,
    filter,
    clock,
    expected: {
      issuer: env.AGENTOS_OIDC_ISSUER,
      publicUrl,
      trusted: trustedReleases(env.AGENTOS_RUNNER_WORKFLOW),
      botId: () => github.ownId(),
    },
  }
}

/** No release is trusted by default: a job of unknown code never claims a Grant. */
function trustedReleases(given: string): readonly TrustedRelease[] {
  return given
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((workflow) => {
      const sha = ObjectId.safeParse(workflow.split('@')[1])
      if (sha.success) return { workflow, sha: sha.data }
      throw new WrongEnvironment(
        'AGENTOS_RUNNER_WORKFLOW: each entry is owner/repo/.github/workflows/agentos.yml@<40 hex digits>',
      )
    })
}

type Ending = {
  readonly server: Server
  readonly stop: AbortController
  readonly working: Promise<unknown>
  readonly store: OpenLedger
  readonly signing: SigningSource
  readonly log: Log
}

/** What was recorded to the end is signed before the store is closed. */
async function shutDown({ server, stop, working, store, signing, log }: Ending): Promise<void> {
  stop.abort()
  server.close()
  server.closeAllConnections()
  await working
  await guarded(log, 'signing the log', () => signTold(signing, log))
  await store.close()
}
