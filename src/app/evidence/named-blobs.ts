import { z } from 'zod'
import { Envelope } from '../../domain/dsse.ts'
import { blobId } from '../../domain/git-objects.ts'
import { isSha256, type Sha256 } from '../../domain/hash.ts'
import { BrokenRecord, type Documents, documentAt, readDocument } from '../../domain/packs/documents.ts'
import { type ContentRef, Draft, Plan } from '../../domain/packs/plan.ts'
import { readStatement } from '../../domain/packs/receipts.ts'
import { DELIVERY_TYPE, Delivery, STEP_RECEIPT_TYPE, StepReceipt } from '../../domain/receipt.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'

/**
 * The members of events that name blobs. It is a list of what is known and not a search for hashes: free text that happens
 * to look like a hash never draws another run's blob into a bundle.
 */
const NAMING: ReadonlySet<string> = new Set([
  'words',
  'decision',
  'manifest',
  'patch',
  'plan',
  'receipt',
  'receipts',
  'pack',
  'draft',
  'facts',
  'examined',
  'questions',
  'message',
  'envelope',
  'delivery',
  'intent',
  'answers',
  'grant',
  'verdicts',
  'effects',
  'request',
  'answer',
  'response',
  'landed',
  'stands',
])

/** The blobs that an event names itself: without them it can be neither verified nor decided again. */
export function blobsNamedBy(event: Pick<EventEnvelope, 'type' | 'data'>): readonly Sha256[] {
  return [...new Set(named(withoutForeign(event)))]
}

/** An observation names the control plane that stands now, which this run need not have read. */
function withoutForeign({ type, data }: Pick<EventEnvelope, 'type' | 'data'>): unknown {
  if (type !== 'EffectSettled' || data['effect'] !== 'observe') return data
  const outcome = data['outcome']
  return typeof outcome === 'object' && outcome !== null && !Array.isArray(outcome)
    ? { receipt: outcome['receipt'] }
    : {}
}

function named(value: unknown): Sha256[] {
  if (Array.isArray(value)) return value.flatMap(named)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    NAMING.has(key) ? [...hashes(member), ...named(member)] : named(member),
  )
}

function hashes(value: unknown): Sha256[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
  return texts.filter(isSha256)
}

/**
 * The blobs that drafts, plans, deliveries and receipts of the run name beside it: new content of files and the output of
 * steps. They go with the evidence where they are kept, and nothing is verified from them but their own hash. `direct` is
 * what the run's events name themselves.
 */
export function blobsNamedWithin(direct: Iterable<Sha256>, documents: Documents): readonly Sha256[] {
  return [...new Set([...new Set(direct)].flatMap((sha256) => namedBeside(sha256, documents)))]
}

const WithContents = z.union([Draft, Plan])

/** What a document looks like tells which schema can read it, so that none is read as what it cannot be. */
function namedBeside(sha256: Sha256, documents: Documents): readonly Sha256[] {
  const value = documentAt(documents, sha256)
  if (typeof value !== 'object' || value === null) return []
  if ('payload' in value) return namedInStatement(sha256, documents)
  if (!('contents' in value)) return []
  const { contents } = tried(() => readDocument(documents, sha256, WithContents)) ?? { contents: [] }
  return contentsIn(contents, documents)
}

function namedInStatement(sha256: Sha256, documents: Documents): readonly Sha256[] {
  const statement = tried(() => readStatement(documents, sha256))
  if (statement?.predicateType === DELIVERY_TYPE) {
    const frozen = Delivery.safeParse(statement.predicate).data?.frozen ?? []
    const contents = frozen.flatMap((one) => one.contents)
    return contentsIn(contents, documents)
  }
  if (statement?.predicateType !== STEP_RECEIPT_TYPE) return []
  const command = StepReceipt.safeParse(statement.predicate).data?.command ?? null
  return command === null ? [] : [command.stdout.sha256, command.stderr.sha256]
}

function contentsIn(refs: readonly ContentRef[], documents: Documents): readonly Sha256[] {
  return refs.filter((ref) => isContentOf(ref, documents)).map((ref) => ref.sha256)
}

/** A content counts only as what it is said to be: the bytes of that git blob. */
function isContentOf(ref: ContentRef, documents: Documents): boolean {
  const bytes = documents(ref.sha256)
  return bytes === undefined || (bytes.length === ref.bytes && blobId(bytes) === ref.blob)
}

/** The envelope behind a hash; undefined where that blob is none. */
export function envelopeAt(documents: Documents, sha256: Sha256): Envelope | undefined {
  return tried(() => readDocument(documents, sha256, Envelope))
}

/** What can be read of the record; undefined where the record does not hold it. */
export function tried<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof BrokenRecord) return undefined
    throw error
  }
}
