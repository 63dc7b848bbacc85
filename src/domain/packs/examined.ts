import { z } from 'zod'
import { Sha256 } from '../hash.ts'
import { MOST_SECRETS, SecretFound } from '../secrets/secrets-in-change.ts'

/** A change as the shell examined it against its base: the text for people and every fault of hygiene and secret that speaks against it. */
export const Examined = z.strictObject({
  v: z.literal(1),
  diffSha256: Sha256,
  diff: z.string().max(400_000),
  added: z.int().min(0),
  removed: z.int().min(0),
  /** Paths whose bytes, before or after, are no text that was shown; where it is absent, nobody looked. */
  unread: z.array(z.string().max(4096)).max(10_000).exactOptional(),
  faults: z.array(z.strictObject({ rule: z.string(), path: z.string().nullable(), because: z.string() })).max(200),
  /** Absent in records of engines that did not look. */
  secrets: z.array(SecretFound).max(MOST_SECRETS).exactOptional(),
  /** Secrets that stood in the edited files before and stay in them; absent where there are none, or nobody looked. */
  standing: z.array(SecretFound).max(MOST_SECRETS).exactOptional(),
})
export type Examined = z.infer<typeof Examined>
