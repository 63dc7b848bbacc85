import { z } from 'zod'
import { Sha256 } from '../hash.ts'

/** The model calls behind a draft: the last request and response by hash, and the tokens of all calls together. */
export const ModelUse = z.strictObject({
  requestSha256: Sha256,
  responseSha256: Sha256,
  inputTokens: z.int().min(0),
  outputTokens: z.int().min(0),
})
export type ModelUse = Readonly<z.infer<typeof ModelUse>>
