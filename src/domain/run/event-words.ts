import { z } from 'zod'
import { Sha256 } from '../hash.ts'
import { ForeignId, RunId } from '../ids.ts'

/** The name of the rule that spoke. */
export const Rule = z.string().max(64)
/** Why, in a sentence for people. */
export const Reason = z.string().max(1000)
export const GrantId = z.string().max(64)

/** The newest event of the run when somebody asked about it: all that an answer tells rests on what stands up to there. */
export const Position = z.strictObject({ seq: z.int().min(1), hash: Sha256 })

/** The name of a plan's step as a person wrote it. */
export const StepName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/)

/** Whose locks are free, and by whose words, where a person took them away. */
export const Freed = z.strictObject({
  run: RunId,
  unlocked: z.strictObject({ by: ForeignId, words: Sha256 }).exactOptional(),
})

/** The decisions that end a run; one that was merged may still be rolled back. */
export const endings = [
  'RunMerged',
  'RunClosed',
  'RunRolledBack',
  'RunRefused',
  'RunFailed',
  'RunCancelled',
  'RunExpired',
] as const
