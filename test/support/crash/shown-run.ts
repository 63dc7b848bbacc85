import { z } from 'zod'

/** What the server's API shows of a run, as far as the ends are compared. */
export const Shown = z.looseObject({
  phase: z.string(),
  effects: z.array(z.looseObject({ key: z.string(), kind: z.string(), status: z.string() })),
})
export type ShownRun = z.infer<typeof Shown>
