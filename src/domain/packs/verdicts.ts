import { z } from 'zod'

/** What the gates said at one moment, in the order in which they were asked. */
export const Verdicts = z.strictObject({
  v: z.literal(1),
  at: z.string().max(32),
  asked: z.array(
    z.strictObject({ gate: z.string(), is: z.enum(['passed', 'waiting', 'blocked']), because: z.string() }),
  ),
})
export type Verdicts = z.infer<typeof Verdicts>
