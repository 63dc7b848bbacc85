import { z } from 'zod'
import { Envelope } from './dsse.ts'
import { ControllerKey, GrownSince } from './evidence.ts'
import { Sha256 } from './hash.ts'
import { Instant } from './ids.ts'

/**
 * What the controller states about its whole log at one moment: the RFC 6962 root over the hashes of the first `size`
 * events in the order of their positions. Kept by anyone outside, it makes it seen when one of them is changed, cut off or
 * left out later.
 */
export const Checkpoint = z.strictObject({ v: z.literal(1), size: z.int().min(1), root: Sha256, at: Instant })
export type Checkpoint = z.infer<typeof Checkpoint>

/** A signed checkpoint as a file: with an earlier one, the RFC 6962 proof that the log only grew since then. */
export const CheckpointFile = z.strictObject({
  v: z.literal(1),
  type: z.literal('agentos-checkpoint'),
  checkpoint: Envelope,
  key: ControllerKey,
  since: GrownSince.nullable(),
})
export type CheckpointFile = z.infer<typeof CheckpointFile>

export const CHECKPOINT_TYPE = 'urn:agentos:checkpoint:v1'
