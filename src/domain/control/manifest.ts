import { z } from 'zod'
import { TrustedKeys } from '../evidence.ts'
import { hashOf, Sha256 } from '../hash.ts'
import { Contractors } from './contractor.ts'
import { Policy, PolicyLayer } from './policy.ts'
import { DataRecipe, ModuleHead, Recipe } from './recipe.ts'
import { ScheduleRule, Schedules } from './schedule.ts'
import { list } from './words.ts'

const Layer = z.strictObject({
  source: z.enum(['shipped', 'repository']),
  ref: z.string().min(1).max(200),
  files: list(z.strictObject({ path: z.string(), sha256: Sha256 })),
})

/**
 * The whole control plane as one value. What governs is hashed by `manifestHash`; `engine` and `layers` stand beside it,
 * because a changed comment in a file, another commit on the default branch or a new engine changes no rule.
 */
export const Manifest = z.strictObject({
  version: z.literal(1),
  engine: z.string().min(1).max(200),
  layers: list(Layer),
  schemas: Sha256,
  policy: Policy,
  recipes: list(Recipe),
  schedules: list(ScheduleRule),
  contractors: Contractors.shape.contractors,
  /** The keys of `keys.json`, where the repository pins any: its jobs and its readers believe no other. */
  keys: TrustedKeys.shape.keys.exactOptional(),
})
export type Manifest = z.infer<typeof Manifest>

/** What approvals bind to: the rules in their parsed form, whatever files they came from. */
export function manifestHash(manifest: Manifest): Sha256 {
  const { engine: _engine, layers: _layers, ...rules } = manifest
  return hashOf(rules)
}

/** The schemas that files are read with, themselves part of what is approved. They are code: the hash is made once. */
export function schemasHash(): Sha256 {
  known.hash ??= hashOf(
    Object.entries({ Policy, PolicyLayer, DataRecipe, ModuleHead, Schedules, Contractors, TrustedKeys }).map(
      ([name, schema]) => [name, JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))],
    ),
  )
  return known.hash
}

const known: { hash?: Sha256 } = {}
