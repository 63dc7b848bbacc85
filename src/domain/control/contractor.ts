import { z } from 'zod'
import { list } from './words.ts'

/** The contractors that a repository lets draft for it, by name. */
export const Contractors = z.strictObject({
  version: z.literal(1),
  contractors: list(
    z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'is not a contractor name') }),
  ).refine(
    (entries) => new Set(entries.map((entry) => entry.name)).size === entries.length,
    'a contractor is named twice',
  ),
})
export type Contractors = z.infer<typeof Contractors>
