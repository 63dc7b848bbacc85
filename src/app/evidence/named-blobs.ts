import { z } from 'zod'
import { Envelope, type Statement, statementIn } from '../../domain/dsse.ts'
import { blobId } from '../../domain/git-objects.ts'
import { isSha256, type Sha256 } from '../../domain/hash.ts'
import { BrokenRecord, type Documents, documentAt, readDocument } from '../../domain/packs/documents.ts'
import { type ContentRef, Draft, Plan } from '../../domain/packs/plan.ts'
import { DELIVERY_TYPE, Delivery, STEP_RECEIPT_TYPE, StepReceipt } from '../../domain/receipt.ts'
import type { Erasable } from '../../domain/redaction.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'

/** What a blob holds; a `record` is what evidence rests on, and is never erased. */
export type Holding = Erasable | 'record'

/**
 * The members of events that name blobs, and what these hold. It is a list of what is known and not a search for hashes: free
 * text that happens to look like a hash never draws another run's blob into a bundle.
 */
const NAMING: ReadonlyMap<string, Holding> = new Map<string, Holding>([
  ['words', 'text'],
  ['intent', 'text'],
  ['questions', 'text'],
  ['answers', 'text'],
  ['pack', 'text'],
  ['facts', 'text'],
  ['verdicts', 'text'],
  ['effects', 'text'],
  ['message', 'text'],
  ['request', 'model'],
  ['answer', 'model'],
  ['response', 'model'],
  ['patch', 'file'],
  ['examined', 'file'],
  ['decision', 'record'],
  ['manifest', 'record'],
  ['plan', 'record'],
  ['draft', 'record'],
  ['grant', 'record'],
  ['envelope', 'record'],
  ['delivery', 'record'],
  ['receipt', 'record'],
  ['receipts', 'record'],
  ['landed', 'record'],
  ['stands', 'record'],
])

/** The blobs that an event names itself: without them it can be neither verified nor decided again. */
export function blobsNamedBy(event: Pick<EventEnvelope, 'type' | 'data'>): readonly Sha256[] {
  return [...heldBy(event).keys()]
}

/** The same with what each of them holds. What is a record under any name is a record. */
export function heldBy(event: Pick<EventEnvelope, 'type' | 'data'>): ReadonlyMap<Sha256, Holding> {
  return new Map(named(withoutForeign(event)).sort(([, one], [, other]) => rank(one) - rank(other)))
}

function rank(holding: Holding): number {
  return holding === 'record' ? 1 : 0
}

/** An observation names the control plane that stands now, which this run need not have read. */
function withoutForeign({ type, data }: Pick<EventEnvelope, 'type' | 'data'>): unknown {
  if (type !== 'EffectSettled' || data['effect'] !== 'observe') return data
  const outcome = data['outcome']
  return typeof outcome === 'object' && outcome !== null && !Array.isArray(outcome)
    ? { receipt: outcome['receipt'] }
    : {}
}

function named(value: unknown): (readonly [Sha256, Holding])[] {
  if (Array.isArray(value)) return value.flatMap(named)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const holding = NAMING.get(key)
    const direct = holding === undefined ? [] : hashes(member).map((sha256) => [sha256, holding] as const)
    return [...direct, ...named(member)]
  })
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
  return [...heldWithin(direct, documents).keys()]
}

/** The same with what each of them holds. */
export function heldWithin(direct: Iterable<Sha256>, documents: Documents): ReadonlyMap<Sha256, Erasable> {
  return new Map([...new Set(direct)].flatMap((sha256) => namedBeside(sha256, documents)))
}

const WithContents = z.union([Draft, Plan])

/** What a document looks like tells which schema can read it, so that none is read as what it cannot be. */
type Held = readonly (readonly [Sha256, Erasable])[]

function namedBeside(sha256: Sha256, documents: Documents): Held {
  const value = documentAt(documents, sha256)
  if (typeof value !== 'object' || value === null) return []
  if ('payload' in value) return namedInStatement(sha256, documents)
  if (!('contents' in value)) return []
  const { contents } = tried(() => readDocument(documents, sha256, WithContents)) ?? { contents: [] }
  return contentsIn(contents, documents)
}

function namedInStatement(sha256: Sha256, documents: Documents): Held {
  const statement = statementAt(documents, sha256)
  if (statement?.predicateType === DELIVERY_TYPE) {
    const frozen = Delivery.safeParse(statement.predicate).data?.frozen ?? []
    const contents = frozen.flatMap((one) => one.contents)
    return contentsIn(contents, documents)
  }
  if (statement?.predicateType !== STEP_RECEIPT_TYPE) return []
  const command = StepReceipt.safeParse(statement.predicate).data?.command ?? null
  const outputs = command === null ? [] : [command.stdout.sha256, command.stderr.sha256]
  return outputs.map((output) => [output, 'output'] as const)
}

function contentsIn(refs: readonly ContentRef[], documents: Documents): Held {
  return refs.filter((ref) => isContentOf(ref, documents)).map((ref) => [ref.sha256, 'file'] as const)
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

function statementAt(documents: Documents, sha256: Sha256): Statement | undefined {
  const envelope = envelopeAt(documents, sha256)
  return envelope === undefined ? undefined : statementIn(envelope)
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
