import { Governed } from '../domain/control/governed.ts'
import { Envelope } from '../domain/dsse.ts'
import type { Sha256 } from '../domain/hash.ts'
import { BrokenRecord, type NewBlob, readDocument, toDocument } from '../domain/packs/documents.ts'
import { Draft } from '../domain/packs/plan.ts'
import { readPredicate } from '../domain/packs/receipts.ts'
import type { Edit } from '../domain/patch/edit.ts'
import { DELIVERY_TYPE, Delivery, STEP_RECEIPT_TYPE, StepReceipt } from '../domain/receipt.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { combine } from '../domain/run/decide/freeze.ts'
import { type RunState, told } from '../domain/run/state.ts'
import { type Claims, type Job, readSubject, refused } from './claim-parts.ts'
import type { JobRefused } from './job-desk.ts'
import { documentsFor } from './journal.ts'
import { examineChange } from './planning/examine-change.ts'
import { type DeliveryReport, type StepReport } from './runner/protocol.ts'
import { verifyDelivery, verifyReceipt } from './runner/verify-delivery.ts'

export async function takeStep(
  claims: Claims,
  job: Job,
  report: StepReport,
): Promise<Result<{ accepted: true }, JobRefused>> {
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
  if (verified.value.receipt.budgets === undefined) return refused(422, 'receipt', UNBUDGETED)
  const { bytes } = toDocument(report.receipt)
  const kind = claims.filter.kindIn(bytes)
  if (kind !== undefined) return refused(422, 'secrets', `the receipt holds a secret (${kind}); nothing of it was kept`)
  await claims.ledger.putBlob(bytes)
  return ok({ accepted: true })
}

const UNBUDGETED = 'a receipt does not say what was reserved and used: the action is older than the server'

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

export async function takeDelivery(
  claims: Claims,
  job: Job,
  report: DeliveryReport,
): Promise<Result<{ accepted: true }, JobRefused>> {
  const document = toDocument(report.delivery)
  if (isRepeated(job.loaded.state, document.sha256)) return ok({ accepted: true })
  const { steps } = readSubject(job.loaded.documents, job.grant)
  const receipts = await receiptsFor(claims, statedIn(document)?.receipts ?? [])
  const claimed = { grant: job.grant, steps, runnerKey: job.runnerKey }
  const verified = budgeted(verifyDelivery(claims.open, claimed, report.delivery, receipts))
  const examined = verified.ok ? await examineDelivery(claims, job, verified.value.delivery) : null
  return recordDelivery(claims, job, { document, verified, examined })
}

/** Evidence of earlier releases has receipts without budgets; what is handed over now has none. */
function budgeted(verified: ReturnType<typeof verifyDelivery>): ReturnType<typeof verifyDelivery> {
  if (!verified.ok || verified.value.receipts.every(({ budgets }) => budgets !== undefined)) return verified
  return refuse({ rule: 'receipt', because: UNBUDGETED })
}

type Weighed = {
  readonly document: NewBlob
  readonly verified: ReturnType<typeof verifyDelivery>
  readonly examined: NewBlob | null
}

async function recordDelivery(
  claims: Claims,
  { run, loaded, grant, runnerKey }: Job,
  { document, verified, examined }: Weighed,
): Promise<Result<{ accepted: true }, JobRefused>> {
  const { repository } = told(loaded.state.request, 'the request')
  const data = {
    grant: grant.id,
    runnerKey,
    delivery: document.sha256,
    receipts: verified.ok ? [...verified.value.delivery.receipts] : [],
    fault: verified.ok ? null : `${verified.refusal.because} [${verified.refusal.rule}]`,
    examined: examined?.sha256 ?? null,
  }
  const by = `runner:${claims.keyidOf(runnerKey)?.slice(0, 32) ?? 'unknown'}`
  const recorded = await claims.journal.record({
    run,
    repository: repository.id,
    make: ({ locks }) => ({
      blobs: examined === null ? [document] : [document, examined],
      input: { type: 'RunnerDelivered', by, at: claims.clock.now(), data: { ...data, locks } },
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
  const { policy } = readDocument(loaded.documents, grant.manifest, Governed)
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
    await examineChange({ edits, base: await reader.entries(grant.base.sha), contents, policy }, reader, claims),
  )
}
