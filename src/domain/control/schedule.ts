import { z } from 'zod'
import { parseCron } from './cron.ts'
import { RecipeName } from './recipe.ts'
import { list } from './words.ts'

/** One rule of `schedules.yml`: at each due time (UTC) the recipe is asked for, or a decision not to is recorded. */
export const ScheduleRule = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is not a rule id'),
  cron: z
    .string()
    .max(200)
    .refine((text) => parseCron(text) !== undefined, 'is not five cron fields'),
  recipe: RecipeName,
  params: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), z.string().max(4096)),
  enabled: z.boolean(),
})
export type ScheduleRule = z.infer<typeof ScheduleRule>

export const Schedules = z.strictObject({
  version: z.literal(1),
  schedules: list(ScheduleRule).refine(
    (rules) => new Set(rules.map((rule) => rule.id)).size === rules.length,
    'two rules have the same id',
  ),
})
export type Schedules = z.infer<typeof Schedules>
