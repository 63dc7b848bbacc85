import { Grant } from '../domain/grant.ts'
import { RunId as RunIdSchema } from '../domain/ids.ts'
import { type AttestedJob, jobAudience } from '../domain/job.ts'
import { readDocument } from '../domain/packs/documents.ts'
import { type Result, refuse } from '../domain/result.ts'
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
  const keyid = claims.keyidOf(runnerKey)
  return (
    keyid !== undefined &&
    job.audience === jobAudience(claims.expected.publicUrl, keyid) &&
    job.claims.repositoryId === grant.repository.id
  )
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
    const loaded = await claims.journal.load(run)
    for (const issued of loaded.state.grants) {
      if (issued.use.is !== 'used') continue
      const grant = readDocument(loaded.documents, issued.document, Grant)
      if (holds(claims, attested, grant, issued.use.runnerKey))
        return { run, loaded, issued, grant, runnerKey: issued.use.runnerKey }
    }
  }
  return undefined
}
