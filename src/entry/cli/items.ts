import { z } from 'zod'
import { ApprovalRule } from '../../domain/control/policy.ts'
import { ObjectId } from '../../domain/hash.ts'
import { ForeignId } from '../../domain/ids.ts'
import { Person } from '../../domain/packs/people.ts'
import { Lane } from '../../domain/packs/plan.ts'

/** One command of `check command --batch`, beside its `id`. */
export const CommandItem = z.strictObject({
  argv: z.array(z.string()),
  env: z.record(z.string(), z.string()).default({}),
  cwd: z.string().default('.'),
})

const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, 'is not base64')

/** One patch of `check patch --batch`. */
export const PatchItem = z.strictObject({ patch: Base64 })

/** One bundle of `verify --batch`. */
export const BundleItem = z.strictObject({ bundle: Base64 })

/**
 * What `check approval` judges: who asked, which commit is proposed, and every review in the order in which they were given. Without
 * a rule that of the policy counts.
 */
export const ApprovalContext = z.strictObject({
  requester: ForeignId,
  /** Who wrote the pull request that the plan is taken from. */
  author: ForeignId.nullable().default(null),
  proposed: ObjectId.nullable(),
  lane: Lane.default('standard'),
  highRisk: z.boolean().default(false),
  rule: ApprovalRule.exactOptional(),
  reviews: z
    .array(
      z.strictObject({
        reviewer: Person,
        login: z.string().max(100),
        state: z.enum(['approved', 'changes_requested', 'commented', 'dismissed']),
        commit: ObjectId.nullable(),
      }),
    )
    .max(1000),
})
export type ApprovalContext = z.infer<typeof ApprovalContext>

const decision = z.enum(['allow', 'deny', 'needs_approval'])

/** The answer to `check command`. */
export const CommandAnswer = z.strictObject({ decision, rule: z.string(), reasons: z.array(z.string()) })

/** The answer to `check patch`. */
export const PatchAnswer = z.strictObject({
  decision,
  rule: z.string(),
  paths: z.array(z.string()),
  protected: z.array(z.string()),
  reasons: z.array(z.string()),
})
export type PatchAnswer = z.infer<typeof PatchAnswer>

/** The answer to `check approval`. */
export const ApprovalAnswer = z.strictObject({
  state: z.enum(['approved', 'waiting', 'blocked']),
  reasons: z.array(z.string()),
})
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>
