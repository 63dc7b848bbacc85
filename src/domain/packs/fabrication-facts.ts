import { z } from 'zod'
import { ObjectId } from '../hash.ts'
import { CommandFact } from './command-facts.ts'
import { EvidenceFact } from './evidence-facts.ts'
import { ModelUse } from './model-use.ts'
import { PathFact } from './path-facts.ts'

/** What red line 3 judges a draft by: observed at the base commit, for every path, command and reference of the draft. */
export const FabricationFacts = z.strictObject({
  v: z.literal(1),
  base: ObjectId,
  paths: z.array(PathFact).max(10_000),
  commands: z.array(CommandFact).max(100),
  evidence: z.array(EvidenceFact).max(200),
  /** Why the plan has each of its checks. */
  checks: z.array(z.strictObject({ step: z.string().max(32), because: z.string().max(300) })).max(100),
  model: ModelUse.nullable(),
})
export type FabricationFacts = z.infer<typeof FabricationFacts>
