import { z } from 'zod'
import { Instant, RunId } from './ids.ts'

/** One held lease as the run's input saw it: `token` is the sequence number in the repository's lock stream that took it. */
export const Held = z.strictObject({ key: z.string().max(4200), run: RunId, token: z.int().min(1), until: Instant })
export type Held = z.infer<typeof Held>

/** The repository's lock stream as far as it concerns one run: its length and every lease on a key that the run wants or holds. */
export const LockFacts = z.strictObject({ seq: z.int().min(0), held: z.array(Held).max(200) })
export type LockFacts = z.infer<typeof LockFacts>
