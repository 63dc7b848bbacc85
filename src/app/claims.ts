import { Governed } from '../domain/control/governed.ts'
import { Envelope } from '../domain/dsse.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { Grant } from '../domain/grant.ts'
import type { Sha256 } from '../domain/hash.ts'
import { sha256Hex } from '../domain/hash.ts'
import type { RunId } from '../domain/ids.ts'
import { RunId as RunIdSchema } from '../domain/ids.ts'
import { type AttestedJob, checkJob, jobAudience, type TrustedRelease } from '../domain/job.ts'
import { BrokenRecord, type Documents, readDocument, toDocument } from '../domain/packs/documents.ts'
import { Draft, Plan } from '../domain/packs/plan.ts'
import { readPredicate } from '../domain/packs/receipts.ts'
import type { Edit } from '../domain/patch/edit.ts'
import { DELIVERY_TYPE, Delivery, STEP_RECEIPT_TYPE, StepReceipt } from '../domain/receipt.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { combine } from '../domain/run/decide/freeze.ts'
import type { JobClaims } from '../domain/run/events.ts'
import { type IssuedGrant, type RunState, told } from '../domain/run/state.ts'
import type { JobDesk, JobRefused } from './job-desk.ts'
import { documentsFor } from './journal.ts'
import type { Ledger } from './ledger.ts'
import { examineChange, type RenderDiff } from './planning/examine-change.ts'
import type { Clock, OpenEnvelope, RepositoryReader } from './ports.ts'
import type { Journal } from './recording.ts'
import {
  type ClaimAnswer,
  type ClaimRequest,
  type DeliveryReport,
  MAX_BLOB_BYTES,
  type StepReport,
} from './runner/protocol.ts'
import { verifyDelivery, verifyReceipt } from './runner/verify-delivery.ts'

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
  readonly clock: Clock
  readonly expected: {
    readonly issuer: string
    readonly publicUrl: string
    readonly trusted: readonly TrustedRelease[]
    botId(): Promise<string>
  }
}

type Loaded = Awaited<ReturnType<Journal['load']>>
type Job = {
  readonly run: RunId
  readonly loaded: Loaded
  readonly issued: IssuedGrant
  readonly grant: Grant
  readonly runnerKey: string
}

const AGAIN = 'nothing was done; let AgentOS dispatch a new job'

/** The controller's side of `/api/runner/*`. */
export function jobDesk(claims: Claims): JobDesk {
  return {
    claim: (token, request) => claim(claims, token, request),
    step: (token, report) => withJob(claims, token, report.grant, (job) => takeStep(claims, job, report)),
    deliver: (token, report) => withJob(claims, token, report.grant, (job) => takeDelivery(claims, job, report)),
    readBlob: (token, sha256) => withSession(claims, token, (job) => readBlob(claims, job, sha256)),
    storeBlob: (token, sha256, bytes) => withSession(claims, token, () => storeBlob(claims, sha256, bytes)),
  }
}

async function claim(claims: Claims, token: string, request: ClaimRequest): Promise<Result<ClaimAnswer, JobRefused>> {
  const attested = await claims.attest(token)
  if (!attested.ok) return refuse({ status: 401, error: attested.refusal })
  const found = await findGrant(claims, request.grant)
  if (found === undefined) return refused(404, 'grant', 'there is no such Grant')
  const { run, loaded, issued, grant } = found
  if (issued.use.is === 'used' && issued.use.runnerKey === request.publicKey) return answer(claims, found)
  const job = await judgeJob(claims, attested.value, { grant, loaded, publicKey: request.publicKey })
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

async function findGrant(claims: Pick<Claims, 'journal'>, id: string): Promise<Omit<Job, 'runnerKey'> | undefined> {
  const run = RunIdSchema.safeParse(id.slice(0, 10))
  if (!run.success) return undefined
  const loaded = await claims.journal.load(run.data)
  const issued = loaded.state.grants.find((one) => one.id === id)
  if (issued === undefined) return undefined
  return { run: run.data, loaded, issued, grant: readDocument(loaded.documents, issued.document, Grant) }
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

function readSubject(documents: Documents, { subject }: Grant): Draft | Plan {
  return subject.is === 'draft'
    ? readDocument(documents, subject.hash, Draft)
    : readDocument(documents, subject.hash, Plan)
}

function base64(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? new Uint8Array()).toString('base64')
}

/** Goes on only for the job that holds the Grant: its token's audience names the key that claimed. */
async function withJob<T>(
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
async function withSession<T>(
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

async function readBlob(
  claims: Claims,
  { loaded, grant }: Job,
  sha256: Sha256,
): Promise<Result<Uint8Array, JobRefused>> {
  const named = readSubject(loaded.documents, grant).contents.some((content) => content.sha256 === sha256)
  const bytes = named ? await claims.ledger.blob(sha256) : undefined
  return bytes === undefined ? refused(404, 'blob', 'this job’s Grant names no such blob') : ok(bytes)
}

async function storeBlob(
  claims: Claims,
  sha256: Sha256,
  bytes: Uint8Array,
): Promise<Result<{ accepted: true }, JobRefused>> {
  if (bytes.length > MAX_BLOB_BYTES) return refused(413, 'blob', `a blob has at most ${MAX_BLOB_BYTES} bytes`)
  if (sha256Hex(bytes) !== sha256) return refused(422, 'blob', 'the bytes have another SHA-256 than their name')
  await claims.ledger.putBlob(bytes)
  return ok({ accepted: true })
}

async function takeStep(claims: Claims, job: Job, report: StepReport): Promise<Result<{ accepted: true }, JobRefused>> {
  const { index, previous } = peek(report.receipt)
  const before = previous === null ? null : await readReceiptBefore(claims, job, previous)
  if (before === undefined) return refused(422, 'receipt', `the receipt before number ${index} is not on record`)
  const { steps } = readSubject(job.loaded.documents, job.grant)
  const verified = verifyReceipt(
    claims.open,
    { grant: job.grant, steps, runnerKey: job.runnerKey },
    report.receipt,
    before,
  )
  if (!verified.ok) return refused(422, verified.refusal.rule, verified.refusal.because)
  await claims.ledger.putBlob(toDocument(report.receipt).bytes)
  return ok({ accepted: true })
}

function peek(envelope: Envelope): { readonly index: number; readonly previous: Sha256 | null } {
  const document = toDocument(envelope)
  try {
    const receipt = readPredicate(() => document.bytes, document.sha256, STEP_RECEIPT_TYPE, StepReceipt)
    return { index: receipt.index, previous: receipt.previous }
  } catch (error) {
    if (error instanceof BrokenRecord) return { index: 0, previous: null }
    throw error
  }
}

async function readReceiptBefore(claims: Claims, job: Job, sha256: Sha256) {
  const bytes = await claims.ledger.blob(sha256)
  if (bytes === undefined) return undefined
  const receipt = readPredicate(() => bytes, sha256, STEP_RECEIPT_TYPE, StepReceipt)
  return receipt.grant === job.grant.id ? { receipt, sha256 } : undefined
}

async function takeDelivery(
  claims: Claims,
  job: Job,
  report: DeliveryReport,
): Promise<Result<{ accepted: true }, JobRefused>> {
  const document = toDocument(report.delivery)
  if (isRepeated(job.loaded.state, document.sha256)) return ok({ accepted: true })
  const { steps } = readSubject(job.loaded.documents, job.grant)
  const stated = statedIn(document)
  const receipts = await receiptsFor(claims, stated?.receipts ?? [])
  const verified = verifyDelivery(
    claims.open,
    { grant: job.grant, steps, runnerKey: job.runnerKey },
    report.delivery,
    receipts,
  )
  const examined = verified.ok ? await examineDelivery(claims, job, verified.value.delivery) : null
  const { repository } = told(job.loaded.state.request, 'the request')
  const recorded = await claims.journal.record({
    run: job.run,
    repository: repository.id,
    make: ({ locks }) => ({
      blobs: examined === null ? [document] : [document, examined],
      input: {
        type: 'RunnerDelivered',
        by: `runner:${claims.keyidOf(job.runnerKey)?.slice(0, 32) ?? 'unknown'}`,
        at: claims.clock.now(),
        data: {
          grant: job.grant.id,
          runnerKey: job.runnerKey,
          delivery: document.sha256,
          receipts: verified.ok ? [...verified.value.delivery.receipts] : [],
          fault: verified.ok ? null : `${verified.refusal.because} [${verified.refusal.rule}]`,
          examined: examined?.sha256 ?? null,
          locks,
        },
      },
    }),
  })
  const declined = recorded?.transition.decisions.find((decision) => decision.type === 'ClaimDeclined')
  return declined === undefined ? ok({ accepted: true }) : refused(409, declined.data.rule, declined.data.because)
}

function isRepeated(state: RunState, delivery: Sha256): boolean {
  return state.delivery?.document === delivery || state.dryRun?.document === delivery
}

function statedIn(document: { readonly sha256: Sha256; readonly bytes: Uint8Array }): Delivery | undefined {
  try {
    return readPredicate(() => document.bytes, document.sha256, DELIVERY_TYPE, Delivery)
  } catch (error) {
    if (error instanceof BrokenRecord) return undefined
    throw error
  }
}

async function receiptsFor(claims: Claims, names: readonly Sha256[]): Promise<Envelope[]> {
  const documents = await documentsFor(claims.ledger, [{ data: names }])
  return names.flatMap((name) => (documents(name) === undefined ? [] : [readDocument(documents, name, Envelope)]))
}

/** The whole change that a dry run froze, examined against the base before anything is decided on it. */
async function examineDelivery(claims: Claims, { loaded, grant }: Job, delivery: Delivery) {
  if (grant.purpose !== 'dry-run' || delivery.outcome.is === 'failed') return null
  const draft = readDocument(loaded.documents, grant.subject.hash, Draft)
  const { limits } = readDocument(loaded.documents, grant.manifest, Governed).policy
  const steps = draft.steps.map((step) =>
    step.is === 'run' ? { ...step, frozen: delivery.frozen.find((one) => one.step === step.id)?.edits ?? [] } : step,
  )
  const edits: readonly Edit[] = combine(steps)
  const reader = claims.readerFor(told(loaded.state.request, 'the request').repository)
  const known = [...draft.contents, ...delivery.frozen.flatMap((one) => one.contents)]
  const bytes = await claims.ledger.blobs(known.map((content) => content.sha256))
  const contents = new Map(
    known.flatMap(({ blob, sha256 }) => {
      const found = bytes.get(sha256)
      return found === undefined ? [] : [[blob, found] as const]
    }),
  )
  return toDocument(
    await examineChange({ edits, base: await reader.entries(grant.base.sha), contents, limits }, reader, claims.render),
  )
}

function refused(status: JobRefused['status'], rule: string, because: string): Result<never, JobRefused> {
  return refuse({ status, error: { rule: rule.slice(0, 64), because: because.slice(0, 1000), next: AGAIN } })
}
