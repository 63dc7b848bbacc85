import { z } from 'zod'
import { Mode } from '../control/policy.ts'
import { Sha256 } from '../hash.ts'
import { ForeignId } from '../ids.ts'

/** Which text of a request a claim stands in. An amendment outranks those before it, and all of them the comment; it outranks the issue. */
export const TextSource = z
  .string()
  .regex(/^(?:comment|issue-title|issue-body|label|amendment [1-9][0-9]?(?: review)?)$/)
export type TextSource = z.infer<typeof TextSource>

const place = { source: TextSource, start: z.int().min(0), end: z.int().min(0) }

/**
 * One thing that a text says, with the span it came from: `start` and `end` count UTF-16 code units of the exact text, as
 * the words blob holds it. `text` is what a reader sees of that span.
 */
export const Claim = z.strictObject({ text: z.string().min(1).max(1024), ...place })
export type Claim = z.infer<typeof Claim>

export const KINDS = ['fix', 'feature', 'refactor', 'docs', 'test', 'dependency', 'format', 'chore', 'unknown'] as const
export const Kind = z.enum(KINDS)
export type Kind = z.infer<typeof Kind>

const claims = z.array(Claim).max(50)

/** What texts of a request say, told apart without any model. */
export const Understanding = z.strictObject({
  goal: z.string().min(1).max(16_384),
  kind: Kind,
  /** The words that the kind follows from; null where it is unknown. */
  kindFrom: Claim.nullable(),
  scope: z.array(Claim).max(200),
  constraints: claims,
  criteria: z.array(Claim.extend({ id: z.string().regex(/^c[1-9][0-9]?$/) })).max(50),
  nonGoals: claims,
  assumptions: claims,
  /** Claims that a text of higher rank contradicts: they count for nothing, and the approver sees both. */
  overridden: z.array(z.strictObject({ claim: Claim, by: Claim })).max(50),
  hidden: z.array(z.strictObject({ kind: z.string().max(64), text: z.string().max(1024), ...place })).max(50),
  /** How much did not fit, so that nothing is left out unseen. */
  leftOut: z.strictObject({ goal: z.int().min(0), claims: z.int().min(0), hidden: z.int().min(0) }),
})
export type Understanding = z.infer<typeof Understanding>

/** What is wanted: formed from the exact texts whose digest `source` is, before anything is planned. */
export const Intent = Understanding.extend({
  v: z.literal(1),
  version: z.int().min(1),
  mode: Mode,
  requester: ForeignId,
  source: Sha256,
})
export type Intent = z.infer<typeof Intent>
