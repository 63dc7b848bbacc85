import { z } from 'zod'
import { ObjectId, Sha256 } from '../../domain/hash.ts'
import { Instant } from '../../domain/ids.ts'
import { CommandMeasure } from '../../domain/receipt.ts'

/** One governed command that ran by itself, outside of any run: on which commit, under which rule, and how it ended. */
export const ExecReceipt = z.strictObject({
  v: z.literal(1),
  authority: z.literal('local'),
  base: ObjectId,
  tree: ObjectId,
  manifest: Sha256,
  rule: z.string().max(200),
  command: CommandMeasure,
  startedAt: Instant,
  durationMs: z.int().min(0),
})
export type ExecReceipt = z.infer<typeof ExecReceipt>

export const EXEC_RECEIPT_TYPE = 'urn:agentos:exec-receipt:v1'
