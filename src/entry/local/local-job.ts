import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import { renderDiff } from '../../adapters/rendering/diff-text.ts'
import { bubblewrapSandbox, thisMachine } from '../../adapters/sandbox/bubblewrap.ts'
import { freshSigner, keyidOf, openEnvelope } from '../../adapters/signing/ed25519.ts'
import { ignoredPaths } from '../../adapters/workplace/ignored-paths.ts'
import { jobDesk } from '../../app/claims.ts'
import type { JobDesk } from '../../app/job-desk.ts'
import type { Ledger } from '../../app/ledger.ts'
import type { Performer, Signer } from '../../app/ports.ts'
import type { Journal } from '../../app/recording.ts'
import type { Blobs, Desk } from '../../app/runner/ports.ts'
import { type JobEnd, runJob } from '../../app/runner/run-job.ts'
import { signGrantWith } from '../../app/sign-grant.ts'
import { ok, refuse } from '../../domain/result.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import { checkoutOf, workplace } from '../workplace.ts'
import type { LocalClocks } from './local-clock.ts'

/** What a job on this machine needs; `ended` is told how each one ended. */
export type LocalJobs = {
  readonly repository: LocalRepository
  readonly ledger: Ledger
  readonly journal: Journal
  readonly signer: Signer
  readonly clocks: LocalClocks
  readonly ended: (end: JobEnd) => void
  readonly filter: SecretFilter
}

/** Dispatching on a clone runs the same job as in Actions, in this process: it verifies the Grant itself and has a key of its own. */
export function localDispatch(jobs: LocalJobs): Performer<'dispatch'> {
  return async ({ body, key, documents, repository }) => {
    const envelope = signGrantWith(jobs.signer)(body.grant, documents)
    const end = await runJob({
      expected: {
        mode: body.purpose,
        grant: body.grantId,
        effect: key,
        authority: 'local',
        repositoryId: repository.id,
        controllerKeys: [jobs.signer.publicKey],
      },
      ports: {
        ...deskInProcess(jobs),
        checkout: (commit) => checkoutOf(jobs.repository, commit),
        workplace,
        ignored: ignoredPaths,
        sandbox: (toolchain) => bubblewrapSandbox({ ...thisMachine(), toolchain }),
        signer: freshSigner(),
        open: openEnvelope,
        clock: jobs.clocks.job,
        filter: jobs.filter,
      },
    })
    jobs.ended(end)
    return { result: { workflowRunId: 'local', envelope: envelope.sha256 }, blobs: [envelope] }
  }
}

/** The controller's side without HTTP: the process itself is the proof of who speaks. */
function deskInProcess(jobs: LocalJobs): { readonly desk: Desk; readonly blobs: Blobs } {
  const server = serverFor(jobs)
  return {
    desk: {
      claim: async (request) => answered(await server.claim('', request)),
      step: async (report) => taken(await server.step('', report)),
      deliver: async (report) => taken(await server.deliver('', report)),
    },
    blobs: {
      get: async (sha256) => {
        const bytes = await jobs.ledger.blob(sha256)
        if (bytes !== undefined) return ok(bytes)
        return refuse({ rule: 'blob', because: `blob ${sha256} is not there`, next: 'plan again' })
      },
      put: async ({ bytes }) => {
        await jobs.ledger.putBlob(bytes)
        return ok(null)
      },
    },
  }
}

function serverFor({ ledger, journal, filter, signer, repository, clocks }: LocalJobs): JobDesk {
  return jobDesk({
    ledger,
    journal,
    attest: () => Promise.resolve(ok(null)),
    open: openEnvelope,
    keyidOf,
    signGrant: signGrantWith(signer),
    readerFor: () => repository,
    render: renderDiff,
    filter,
    clock: clocks.record,
    expected: { issuer: '', publicUrl: 'local', trusted: [], botId: () => Promise.resolve('') },
  })
}

function answered(answer: Awaited<ReturnType<JobDesk['claim']>>) {
  return answer.ok ? answer : refuse(answer.refusal.error)
}

function taken(answer: Awaited<ReturnType<JobDesk['step']>>) {
  return answer.ok ? ok(null) : refuse(answer.refusal.error)
}
