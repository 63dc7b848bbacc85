import { z } from 'zod'
import { Envelope } from '../../domain/dsse.ts'
import { Sha256 } from '../../domain/hash.ts'
import { EffectKey } from '../../domain/ids.ts'
import { ContentRef } from '../../domain/packs/plan.ts'

/**
 * What a job and the controller say to each other over `/api/runner/*`. Both sides parse with these schemas. Every
 * request carries the job's OIDC token as bearer; bytes go by `GET` and `PUT /api/runner/blobs/:sha256`.
 */

const MAX_DOCUMENT_CHARACTERS = 24 * 1024 * 1024

export const GrantId = z.string().regex(/^[0-9a-z]{10}-[0-9]{1,6}$/)

/** An Ed25519 public key: the base64 of its 32 raw bytes. */
export const PublicKey = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/)

/** The base64 of a document, whose bytes the receiver compares with the hash that the Grant names. */
const Base64 = z
  .string()
  .max(MAX_DOCUMENT_CHARACTERS)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)

export const ClaimRequest = z.strictObject({ grant: GrantId, effect: EffectKey, publicKey: PublicKey })
export type ClaimRequest = z.infer<typeof ClaimRequest>

/** The Grant as the controller signed it, and the documents it names: draft or plan, and manifest. */
export const ClaimAnswer = z.strictObject({
  envelope: Envelope,
  subject: Base64,
  manifest: Base64,
  contents: z.array(ContentRef).max(10_000),
})
export type ClaimAnswer = z.infer<typeof ClaimAnswer>

/** One step's receipt, signed with the job's key. */
export const StepReport = z.strictObject({ grant: GrantId, receipt: Envelope })
export type StepReport = z.infer<typeof StepReport>

/** The delivery, signed with the job's key. */
export const DeliveryReport = z.strictObject({ grant: GrantId, delivery: Envelope })
export type DeliveryReport = z.infer<typeof DeliveryReport>

export const Accepted = z.strictObject({ accepted: z.literal(true) })

/** A request that the controller did not take: which rule, why, and what to do. */
export const DeskError = z.strictObject({
  error: z.strictObject({ rule: z.string().max(64), because: z.string().max(1000), next: z.string().max(500) }),
})
export type DeskError = z.infer<typeof DeskError>

export const BlobName = Sha256

/** The largest body of a `PUT` to a blob, in bytes. */
export const MAX_BLOB_BYTES = 64 * 1024 * 1024
