import { z } from 'zod'
import { Sha256 } from './hash.ts'
import { Instant, StreamName } from './ids.ts'
import type { EventEnvelope } from './run/envelope.ts'

/**
 * What a blob holds, as far as erasing it is concerned: what people wrote or what quotes them, what was said to and by a
 * model, what commands printed, the content of files. Nothing else is ever erased: Grants, receipts, plans and control
 * planes are what evidence rests on.
 */
export const ERASABLE = ['text', 'model', 'output', 'file'] as const
export const Erasable = z.enum(ERASABLE)
export type Erasable = z.infer<typeof Erasable>

const days = z.int().min(1).max(36_500)

/** For how many days after the end of a run something is kept; what is not named is kept for good. */
export const Retention = z.strictObject({
  text: days.exactOptional(),
  model: days.exactOptional(),
  output: days.exactOptional(),
  file: days.exactOptional(),
})
export type Retention = z.infer<typeof Retention>

/** One event names no more of them, so that it stays within its size. */
export const MOST_REDACTED = 80

const RedactedBlob = z.strictObject({ sha256: Sha256, bytes: z.int().min(0), holds: Erasable })
export type RedactedBlob = z.infer<typeof RedactedBlob>

/** Why something was erased: the operator's words, kept salted like all words, or the days that a policy gives it. */
const Why = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('asked'), words: Sha256 }),
  z.strictObject({ is: z.literal('retention'), days: z.int().min(1) }),
])

/** The data of BlobRedacted, in whichever stream names the blobs; `receipt` is the controller's word for it. */
export const Redacted = z.strictObject({
  blobs: z.array(RedactedBlob).min(1).max(MOST_REDACTED),
  why: Why,
  receipt: Sha256,
})
export type Redacted = z.infer<typeof Redacted>

/** The controller's statement that it erased: without its key nobody can pass a missing blob off as an erased one. */
export const RedactionReceipt = Redacted.omit({ receipt: true }).extend({
  v: z.literal(1),
  stream: StreamName,
  by: z.string().max(128),
  at: Instant,
})
export type RedactionReceipt = z.infer<typeof RedactionReceipt>

export const REDACTION_TYPE = 'urn:agentos:redaction:v1'
export const BLOB_REDACTED = 'BlobRedacted'

/** What an operator says about an erasure, as its salted blob holds it. */
export const RedactionWords = z.strictObject({ v: z.literal(1), because: z.string().min(1).max(1000) })
export type RedactionWords = z.infer<typeof RedactionWords>

/** An erased blob, with the event that says so. */
export type Redaction = RedactedBlob & Pick<Redacted, 'why'> & Pick<EventEnvelope, 'seq' | 'by' | 'at'>

/** The blobs that a stream says were erased. An event that does not hold what it must says nothing. */
export function redactedIn(
  events: readonly Pick<EventEnvelope, 'type' | 'data' | 'seq' | 'by' | 'at'>[],
): ReadonlyMap<Sha256, Redaction> {
  const erased = events
    .filter(({ type }) => type === BLOB_REDACTED)
    .flatMap(({ data, seq, by, at }) => {
      const parsed = Redacted.safeParse(data)
      if (!parsed.success) return []
      const { blobs, why } = parsed.data
      return blobs.map((blob): [Sha256, Redaction] => [blob.sha256, { ...blob, why, seq, by, at }])
    })
  return new Map(erased)
}
