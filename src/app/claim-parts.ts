import type { RepositoryRef } from '../domain/effects.ts'
import { Grant } from '../domain/grant.ts'
import type { Sha256 } from '../domain/hash.ts'
import type { RunId } from '../domain/ids.ts'
import { RunId as RunIdSchema } from '../domain/ids.ts'
import { type AttestedJob, type TrustedRelease } from '../domain/job.ts'
import { type Documents, readDocument } from '../domain/packs/documents.ts'
import { Draft, Plan } from '../domain/packs/plan.ts'
import { type Result, refuse } from '../domain/result.ts'
import { type IssuedGrant } from '../domain/run/state.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import type { JobRefused } from './job-desk.ts'
import type { Ledger } from './ledger.ts'
import { type RenderDiff } from './planning/examine-change.ts'
import type { Clock, OpenEnvelope, RepositoryReader } from './ports.ts'
import type { Journal } from './recording.ts'

/** Proves who speaks: over HTTP from the job's OIDC token; on this machine from nobody but the process itself. */
export type Attest = (
  token: string,
) => Promise<Result<AttestedJob | null, { readonly rule: string; readonly because: string; readonly next: string }>>

export type Claims = {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly attest: Attest
  readonly open: OpenEnvelope
  readonly keyidOf: (publicKey: string) => Sha256 | undefined
  readonly signGrant: (grant: Sha256, documents: Documents) => { readonly sha256: Sha256; readonly bytes: Uint8Array }
  readonly readerFor: (repository: RepositoryRef) => RepositoryReader
  readonly render: RenderDiff
  readonly filter: SecretFilter
  readonly clock: Clock
  readonly expected: {
    readonly issuer: string
    readonly publicUrl: string
    readonly trusted: readonly TrustedRelease[]
    botId(): Promise<string>
  }
}

export type Loaded = Awaited<ReturnType<Journal['load']>>
export type Job = {
  readonly run: RunId
  readonly loaded: Loaded
  readonly issued: IssuedGrant
  readonly grant: Grant
  readonly runnerKey: string
}

const AGAIN = 'nothing was done; let AgentOS dispatch a new job'

export async function findGrant(
  claims: Pick<Claims, 'journal'>,
  id: string,
): Promise<Omit<Job, 'runnerKey'> | undefined> {
  const run = RunIdSchema.safeParse(id.slice(0, 10))
  if (!run.success) return undefined
  const loaded = await claims.journal.load(run.data)
  const issued = loaded.state.grants.find((one) => one.id === id)
  if (issued === undefined) return undefined
  return { run: run.data, loaded, issued, grant: readDocument(loaded.documents, issued.document, Grant) }
}

export function readSubject(documents: Documents, { subject }: Grant): Draft | Plan {
  return subject.is === 'draft'
    ? readDocument(documents, subject.hash, Draft)
    : readDocument(documents, subject.hash, Plan)
}

export function refused(status: JobRefused['status'], rule: string, because: string): Result<never, JobRefused> {
  return refuse({ status, error: { rule: rule.slice(0, 64), because: because.slice(0, 1000), next: AGAIN } })
}
