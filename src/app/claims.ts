import { Governed } from '../domain/control/governed.ts'
import { Envelope } from '../domain/dsse.ts'
import { Grant } from '../domain/grant.ts'
import type { Sha256 } from '../domain/hash.ts'
import { sha256Hex } from '../domain/hash.ts'
import { type AttestedJob, checkJob, jobAudience } from '../domain/job.ts'
import { readDocument } from '../domain/packs/documents.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { JobClaims } from '../domain/run/inputs.ts'
import { told } from '../domain/run/state.ts'
import { type BlobQuota, blobQuota } from './blob-quota.ts'
import { type Claims, findGrant, type Job, type Loaded, readSubject, refused } from './claim-parts.ts'
import { withJob, withSession } from './claim-session.ts'
import type { JobDesk, JobRefused } from './job-desk.ts'
import { type ClaimAnswer, type ClaimRequest, MAX_BLOB_BYTES } from './runner/protocol.ts'
import { takeDelivery, takeStep } from './take-delivery.ts'

/** The controller's side of `/api/runner/*`. */
export function jobDesk(claims: Claims): JobDesk {
  const quota = blobQuota()
  return {
    claim: (token, request) => claim(claims, token, request),
    step: (token, report) => withJob(claims, token, report.grant, (job) => takeStep(claims, job, report)),
    deliver: (token, report) => withJob(claims, token, report.grant, (job) => takeDelivery(claims, job, report)),
    readBlob: (token, sha256) => withSession(claims, token, (job) => readBlob(claims, job, sha256)),
    storeBlob: (token, sha256, bytes) =>
      withSession(claims, token, (job) => storeBlob(claims, quota, { job, sha256, bytes })),
  }
}

async function claim(claims: Claims, token: string, request: ClaimRequest): Promise<Result<ClaimAnswer, JobRefused>> {
  const attested = await claims.attest(token)
  if (!attested.ok) return refuse({ status: 401, error: attested.refusal })
  const found = await findGrant(claims, request.grant)
  if (found === undefined) return refused(404, 'grant', 'there is no such Grant')
  const { run, loaded, issued, grant } = found
  const job = await judgeJob(claims, attested.value, { grant, loaded, publicKey: request.publicKey })
  if (job.fault !== null && isForeign(attested.value, grant)) return refused(403, 'grant', job.fault)
  if (job.fault === null && issued.use.is === 'used' && issued.use.runnerKey === request.publicKey)
    return answer(claims, found)
  const envelope = claims.signGrant(issued.document, loaded.documents)
  const { repository } = told(loaded.state.request, 'the request')
  const recorded = await claims.journal.record({
    run,
    repository: repository.id,
    make: () => ({
      blobs: [envelope],
      input: {
        type: 'GrantClaimed',
        by: `runner:${claims.keyidOf(request.publicKey)?.slice(0, 32) ?? 'unknown'}`,
        at: claims.clock.now(),
        data: {
          grant: request.grant,
          runnerKey: request.publicKey,
          job: job.claims,
          envelope: envelope.sha256,
          fault: job.fault,
        },
      },
    }),
  })
  const declined = recorded?.transition.decisions.find((decision) => decision.type === 'ClaimDeclined')
  if (declined !== undefined) return refused(403, declined.data.rule, declined.data.because)
  return answer(claims, found)
}

/** A run's log is its own repository's: what jobs of other repositories try is not written into it. */
function isForeign(job: AttestedJob | null, grant: Grant): boolean {
  return job !== null && job.claims.repositoryId !== grant.repository.id
}

type Judged = { readonly claims: JobClaims | null; readonly fault: string | null }

async function judgeJob(
  claims: Claims,
  job: AttestedJob | null,
  about: { readonly grant: Grant; readonly loaded: Loaded; readonly publicKey: string },
): Promise<Judged> {
  const keyid = claims.keyidOf(about.publicKey)
  if (keyid === undefined) return { claims: null, fault: 'the runner’s public key is not a usable Ed25519 key' }
  if (job === null)
    return { claims: null, fault: about.grant.authority === 'local' ? null : 'the job did not prove who it is' }
  const { repository } = told(about.loaded.state.request, 'the request')
  const { issuer, publicUrl, trusted, botId } = claims.expected
  const audience = jobAudience(publicUrl, keyid)
  const checked = checkJob(job, about.grant, {
    issuer,
    trusted,
    defaultBranch: repository.defaultBranch,
    botId: await botId(),
    audience,
  })
  return checked.ok
    ? { claims: checked.value, fault: null }
    : { claims: job.claims, fault: `${checked.refusal.because} [${checked.refusal.rule}]` }
}

function answer(claims: Claims, { loaded, issued, grant }: Omit<Job, 'runnerKey'>): Result<ClaimAnswer, JobRefused> {
  const envelope = claims.signGrant(issued.document, loaded.documents)
  const subject = readSubject(loaded.documents, grant)
  return ok({
    envelope: readDocument(() => envelope.bytes, envelope.sha256, Envelope),
    subject: base64(loaded.documents(grant.subject.hash)),
    manifest: base64(loaded.documents(grant.manifest)),
    contents: [...subject.contents],
  })
}

function base64(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? new Uint8Array()).toString('base64')
}

async function readBlob(
  claims: Claims,
  { loaded, grant }: Job,
  sha256: Sha256,
): Promise<Result<Uint8Array, JobRefused>> {
  const named = readSubject(loaded.documents, grant).contents.some((content) => content.sha256 === sha256)
  const bytes = named ? await claims.ledger.blob(sha256) : undefined
  return bytes === undefined ? refused(404, 'blob', 'this job’s Grant names no such blob') : ok(bytes)
}

type Storing = { readonly job: Job; readonly sha256: Sha256; readonly bytes: Uint8Array }

async function storeBlob(
  claims: Claims,
  quota: BlobQuota,
  { job, sha256, bytes }: Storing,
): Promise<Result<{ accepted: true }, JobRefused>> {
  if (bytes.length > MAX_BLOB_BYTES) return refused(413, 'blob', `a blob has at most ${MAX_BLOB_BYTES} bytes`)
  if (sha256Hex(bytes) !== sha256) return refused(422, 'blob', 'the bytes have another SHA-256 than their name')
  if (!quota.admits(job.grant.id, { sha256, size: bytes.length }, mostStored(job)))
    return refused(413, 'blob', 'the job has stored as much as its steps may bring forth')
  const kind = secretIn(claims, job, bytes)
  if (kind !== undefined) return refused(422, 'secrets', `the bytes hold a secret (${kind}); nothing of it was kept`)
  await claims.ledger.putBlob(bytes)
  return ok({ accepted: true })
}

/** A job cleans what its commands print; what the policy allows may be part of an output, whatever its path. */
function secretIn({ filter }: Claims, { loaded, grant }: Job, bytes: Uint8Array): string | undefined {
  const { secrets = [] } = readDocument(loaded.documents, grant.manifest, Governed).policy
  const allowed = new Set(secrets.flatMap(({ kinds }) => kinds))
  return filter.find(bytes).find(({ kind }) => !allowed.has(kind))?.kind
}

/** Frozen outputs once, and each command's two streams, with room for what is stored again. */
function mostStored({ loaded, grant }: Job): number {
  const { limits } = readDocument(loaded.documents, grant.manifest, Governed).policy
  const { steps } = readSubject(loaded.documents, grant)
  return 2 * (limits.bytes + 2 * limits.outputBytes * steps.length)
}
