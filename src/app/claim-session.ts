import { Grant } from '../domain/grant.ts'
import { RunId as RunIdSchema, runStream } from '../domain/ids.ts'
import { type AttestedJob, jobAudience } from '../domain/job.ts'
import { readDocument } from '../domain/packs/documents.ts'
import { type Result, refuse } from '../domain/result.ts'
import type { EventEnvelope } from '../domain/run/envelope.ts'
import { foldRun, UnknownEvent } from '../domain/run/evolve.ts'
import { isFinal } from '../domain/run/state.ts'
import { type Claims, findGrant, type Job, refused } from './claim-parts.ts'
import type { JobRefused } from './job-desk.ts'

/** Goes on only for the job that holds the Grant: its token's audience names the key that claimed. */
export async function withJob<T>(
  claims: Claims,
  token: string,
  id: string,
  go: (job: Job) => Promise<Result<T, JobRefused>>,
): Promise<Result<T, JobRefused>> {
  const attested = await claims.attest(token)
  if (!attested.ok) return refuse({ status: 401, error: attested.refusal })
  const found = await findGrant(claims, id)
  if (found === undefined || found.issued.use.is === 'open')
    return refused(404, 'grant', 'this Grant was never claimed')
  if (found.issued.use.is === 'revoked')
    return refused(409, 'grant', `the Grant was revoked: ${found.issued.use.because}`)
  const { runnerKey } = found.issued.use
  if (!holds(claims, attested.value, found.grant, runnerKey))
    return refused(403, 'grant', 'another job holds this Grant')
  return go({ ...found, runnerKey })
}

function holds(claims: Claims, job: AttestedJob | null, grant: Grant, runnerKey: string): boolean {
  if (job === null) return grant.authority === 'local'
  return isAudienceFor(claims, job, runnerKey) && job.claims.repositoryId === grant.repository.id
}

function isAudienceFor(claims: Claims, job: AttestedJob, runnerKey: string): boolean {
  const keyid = claims.keyidOf(runnerKey)
  return keyid !== undefined && job.audience === jobAudience(claims.expected.publicUrl, keyid)
}

/** Blobs travel without naming a Grant: the job is found by the key that its token names, among its repository's newest runs. */
export async function withSession<T>(
  claims: Claims,
  token: string,
  go: (job: Job) => Promise<Result<T, JobRefused>>,
): Promise<Result<T, JobRefused>> {
  const attested = await claims.attest(token)
  if (!attested.ok) return refuse({ status: 401, error: attested.refusal })
  const job = attested.value === null ? undefined : await findSession(claims, attested.value)
  if (job === undefined) return refused(403, 'grant', 'no claimed Grant belongs to this job')
  return go(job)
}

const NEWEST_RUNS = 200

async function findSession(claims: Claims, attested: AttestedJob): Promise<Job | undefined> {
  const desk = await claims.ledger.read(`desk/${attested.claims.repositoryId}`)
  const runs = desk.filter((event) => event.type === 'RunOpened').map((event) => RunIdSchema.parse(event.data['run']))
  for (const run of runs.toReversed().slice(0, NEWEST_RUNS)) {
    const used = grantsInUse(await claims.ledger.read(runStream(run)))
    const runnerKey = used.find((key) => isAudienceFor(claims, attested, key))
    if (runnerKey !== undefined) return sessionIn(claims, attested, { run, runnerKey })
  }
  return undefined
}

/** The keys that hold a Grant of a run that goes on; a run that this engine cannot read has none. */
function grantsInUse(events: readonly EventEnvelope[]): readonly string[] {
  try {
    const { phase, grants } = foldRun(events)
    return isFinal(phase) ? [] : grants.flatMap(({ use }) => (use.is === 'used' ? [use.runnerKey] : []))
  } catch (error) {
    if (error instanceof UnknownEvent) return []
    throw error
  }
}

async function sessionIn(
  claims: Claims,
  attested: AttestedJob,
  { run, runnerKey }: Pick<Job, 'run' | 'runnerKey'>,
): Promise<Job | undefined> {
  const loaded = await claims.journal.load(run)
  const issued = loaded.state.grants.find(({ use }) => use.is === 'used' && use.runnerKey === runnerKey)
  if (issued === undefined) return undefined
  const grant = readDocument(loaded.documents, issued.document, Grant)
  return holds(claims, attested, grant, runnerKey) ? { run, loaded, issued, grant, runnerKey } : undefined
}
