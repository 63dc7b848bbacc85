import { z } from 'zod'
import { Mode } from '../control/policy.ts'
import { Sha256 } from '../hash.ts'

/** What is wanted: formed from the exact text that `source` names, before anything is planned. */
export const Intent = z.strictObject({
  v: z.literal(1),
  goal: z.string().min(1).max(16_384),
  scope: z.array(z.string().max(1024)).max(200),
  constraints: z.array(z.string().max(1024)).max(50),
  criteria: z.array(z.strictObject({ id: z.string().max(32), text: z.string().max(1024) })).max(50),
  hidden: z.array(z.strictObject({ kind: z.string().max(64), text: z.string().max(1024) })).max(50),
  mode: Mode,
  requester: z.string().max(64),
  source: Sha256,
})
export type Intent = z.infer<typeof Intent>
