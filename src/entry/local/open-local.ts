import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { readShippedPack } from '../../adapters/control/shipped-pack.ts'
import { parseYaml } from '../../adapters/control/parse-yaml.ts'
import { inflate } from '../../adapters/git/inflate.ts'
import { type LocalRepository, localRepository } from '../../adapters/git/local-repository.ts'
import { memoryLedger } from '../../adapters/ledger/memory.ts'
import { openaiFromEnv } from '../model-from-env.ts'
import { renderDiff } from '../../adapters/rendering/diff-text.ts'
import { bubblewrapSandbox, thisMachine } from '../../adapters/sandbox/bubblewrap.ts'
import { freshSigner, keyidOf, loadOrMakeKey, openEnvelope } from '../../adapters/signing/ed25519.ts'
import { ignoredPaths } from '../../adapters/workplace/ignored-paths.ts'
import { jobDesk } from '../../app/claims.ts'
import { type ControlPlane, controlPlaneAt, refusalText } from '../../app/control-plane.ts'
import type { JobDesk } from '../../app/job-desk.ts'
import { journal } from '../../app/journal.ts'
import type { Ledger } from '../../app/ledger.ts'
import type { LocalRun } from '../../app/local-run.ts'
import { memoryPerformer } from '../../app/planning/collect-memory.ts'
import { draftPerformer } from '../../app/planning/draft-performer.ts'
import { type Clock, type Performers, type Signer, WillNotWork } from '../../app/ports.ts'
import type { Blobs, Desk } from '../../app/runner/ports.ts'
import { runJob } from '../../app/runner/run-job.ts'
import { signGrantWith } from '../../app/sign-grant.ts'
import type { Worker } from '../../app/worker.ts'
import type { RepositoryRef } from '../../domain/effects.ts'
import { sha256Hex } from '../../domain/hash.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { thisEngine } from '../engine.ts'
import { checkoutOf, workplace } from '../workplace.ts'
import { localCommit } from './local-commit.ts'

/** A clone opened for governed work, with the keys of this machine's user. */
export type OpenedLocal = {
  readonly local: LocalRun
  readonly ledger: Ledger
  readonly repository: LocalRepository
  readonly signer: Signer
  readonly control: ControlPlane
  readonly base: { readonly ref: string; readonly sha: string }
}

export type LocalOptions = { readonly dir: string; readonly rev?: string; readonly clock: Clock; readonly dataDir: string }

/** Opens a clone at its HEAD (or `rev`). Refused where there is no such commit or its control plane does not hold. */
export async function openLocal(options: LocalOptions): Promise<Result<OpenedLocal, { readonly rule: string; readonly because: string }>> {
  const repository = await localRepository(options.dir)
  const sha = await repository.resolve(options.rev ?? 'HEAD')
  if (sha === undefined) return refuse({ rule: 'base', because: `${options.dir} has no commit ${options.rev ?? 'HEAD'}` })
  const engine = thisEngine()
  const shipped = await readShippedPack()
  const control = await controlPlaneAt({ engine: engine.version, shipped, parseYaml }, repository, sha)
  if (!control.ok) return refuse({ rule: 'control-plane', because: refusalText(control.refusal) })
  const signer = await loadOrMakeKey(options.dataDir)
  const { ledger, queue } = memoryLedger()
  const ref = refFor(options.dir)
  const run = journal({ ledger, queue })
  const log = () => undefined
  const performers = performersFor({ repository, ledger, journal: run, signer, clock: options.clock })
  const worker: Worker = { ledger, queue, journal: run, performers, signer, clock: options.clock, log, name: 'local' }
  const { uid, username } = userInfo()
  const local: LocalRun = { journal: run, worker, clock: options.clock, repository: ref, user: { id: String(uid + 1), name: username }, engine }
  return ok({ local, ledger, repository, signer, control: control.value, base: { ref: options.rev ?? 'HEAD', sha } })
}

/** A clone has no numeric id: it gets one that follows from where it lies. */
function refFor(dir: string): RepositoryRef {
  const id = String(Number.parseInt(sha256Hex(resolve(dir)).slice(0, 12), 16) + 1)
  return { id, ownerId: '1', owner: 'local', name: basename(resolve(dir)).slice(0, 100) || 'repository', defaultBranch: 'HEAD', installation: '1' }
}

type Parts = {
  readonly repository: LocalRepository
  readonly ledger: Ledger
  readonly journal: LocalRun['journal']
  readonly signer: Signer
  readonly clock: Clock
}

function performersFor(parts: Parts): Performers {
  const { repository, signer } = parts
  const readerFor = () => repository
  const nobody = () => Promise.reject(new WillNotWork('a plain clone has nobody to tell'))
  const prompt = readFileSync(join(import.meta.dirname, '../../../policies/prompts/plan.md'), 'utf8')
  return {
    'collect-memory': memoryPerformer({ readerFor, earlierRunsFor: () => Promise.resolve([]) }),
    draft: draftPerformer({ readerFor, inflate, render: renderDiff, model: openaiFromEnv(process.env), prompt }),
    dispatch: async ({ body, key, documents, repository: { id } }) => {
      const envelope = signGrantWith(signer)(body.grant, documents)
      await runLocalJob(parts, { grant: body.grantId, effect: key, mode: body.purpose, repositoryId: id })
      return { result: { workflowRunId: 'local', envelope: envelope.sha256 }, blobs: [envelope] }
    },
    commit: localCommit(repository, parts.clock),
    react: nobody,
    card: nobody,
    comment: nobody,
    check: nobody,
    label: nobody,
    'open-pull-request': nobody,
    'request-review': nobody,
    observe: nobody,
    'cancel-job': nobody,
    ready: nobody,
    close: nobody,
  }
}

type JobCall = { readonly grant: string; readonly effect: string; readonly mode: 'dry-run' | 'execute'; readonly repositoryId: string }

/** The same job as in Actions, in this process: it verifies the Grant itself and signs with a key of its own. */
async function runLocalJob(parts: Parts, { grant, effect, mode, repositoryId }: JobCall): Promise<void> {
  const { repository, signer, clock } = parts
  const { desk, blobs } = deskInProcess(parts)
  await runJob({
    expected: { mode, grant, effect, authority: 'local', repositoryId, controllerKey: signer.publicKey },
    ports: {
      desk,
      blobs,
      checkout: (commit) => checkoutOf(repository, commit),
      workplace,
      ignored: ignoredPaths,
      sandbox: (toolchain) => bubblewrapSandbox({ ...thisMachine(), toolchain }),
      signer: freshSigner(),
      open: openEnvelope,
      clock,
    },
  })
}

function deskInProcess({ ledger, journal: runs, signer, repository, clock }: Parts): { readonly desk: Desk; readonly blobs: Blobs } {
  const server: JobDesk = jobDesk({
    ledger,
    journal: runs,
    attest: () => Promise.resolve(ok(null)),
    open: openEnvelope,
    keyidOf,
    signGrant: signGrantWith(signer),
    readerFor: () => repository,
    render: renderDiff,
    clock,
    expected: { issuer: '', publicUrl: 'local', trusted: [], botId: () => Promise.resolve('') },
  })
  const taken = async (answer: Promise<Awaited<ReturnType<JobDesk['step']>>>) => {
    const given = await answer
    return given.ok ? ok(null) : refuse(given.refusal.error)
  }
  return {
    desk: {
      claim: async (request) => {
        const given = await server.claim('', request)
        return given.ok ? given : refuse(given.refusal.error)
      },
      step: (report) => taken(server.step('', report)),
      deliver: (report) => taken(server.deliver('', report)),
    },
    blobs: {
      get: async (sha256) => {
        const bytes = await ledger.blob(sha256)
        return bytes === undefined ? refuse({ rule: 'blob', because: `blob ${sha256} is not there`, next: 'plan again' }) : ok(bytes)
      },
      put: async ({ bytes }) => {
        await ledger.putBlob(bytes)
        return ok(null)
      },
    },
  }
}
