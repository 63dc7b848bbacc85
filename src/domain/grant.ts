import { z } from 'zod'
import { ObjectId, Sha256 } from './hash.ts'
import { ForeignId, Instant, RunId } from './ids.ts'
import { PlanLimits } from './packs/plan.ts'

/** What one principal may cause. A kind that is not listed is denied. */
export const Capability = z.discriminatedUnion('effect', [
  z.strictObject({ effect: z.literal('command'), argv: z.array(z.string()).min(1), network: z.array(z.string()) }),
  z.strictObject({ effect: z.literal('edit'), paths: z.array(z.string()) }),
  z.strictObject({ effect: z.literal('read-base'), commit: ObjectId }),
])
export type Capability = z.infer<typeof Capability>

/** An approval as it stands behind a Grant. `authority` is `github`, or `local` where GitHub attested nothing. */
export const Approval = z.strictObject({
  authority: z.enum(['github', 'local']),
  reviewId: z.string().max(32),
  userId: ForeignId,
  commit: ObjectId.nullable(),
  words: Sha256,
})
export type Approval = z.infer<typeof Approval>

/**
 * The permission for one runner job, for one purpose, once. `draft` and `dry-run` are issued by policy and their bundle can
 * never be committed; `execute` is issued only from an approval.
 */
export const Grant = z.strictObject({
  v: z.literal(1),
  id: z.string().regex(/^[0-9a-z]{10}-[0-9]{1,6}$/),
  purpose: z.enum(['draft', 'dry-run', 'execute']),
  authority: z.enum(['github', 'local']),
  instance: z.string().max(200),
  repository: z.strictObject({ id: ForeignId, ownerId: ForeignId }),
  run: RunId,
  subject: z.strictObject({ is: z.enum(['draft', 'plan']), hash: Sha256 }),
  base: z.strictObject({ sha: ObjectId, tree: ObjectId }),
  manifest: Sha256,
  predictedTree: ObjectId.nullable(),
  approvals: z.array(Approval).max(20),
  capabilities: z.array(Capability).max(500),
  limits: PlanLimits,
  expiresAt: Instant,
})
export type Grant = z.infer<typeof Grant>

export const GRANT_TYPE = 'urn:agentos:grant:v1'
