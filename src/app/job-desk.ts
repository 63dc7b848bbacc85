import type { z } from 'zod'
import type { Sha256 } from '../domain/hash.ts'
import type { Result } from '../domain/result.ts'
import type { Accepted, ClaimAnswer, ClaimRequest, DeliveryReport, DeskError, StepReport } from './runner/protocol.ts'

/** A request of a job that is not taken: the HTTP status, which rule, why, and what to do. */
export type JobRefused = {
  readonly status: 401 | 403 | 404 | 409 | 413 | 422
  readonly error: DeskError['error']
}

/** The controller's side of `/api/runner/*`. `token` is the job's OIDC token as it came, not yet checked. */
export type JobDesk = {
  claim(token: string, request: ClaimRequest): Promise<Result<ClaimAnswer, JobRefused>>
  step(token: string, report: StepReport): Promise<Result<z.infer<typeof Accepted>, JobRefused>>
  deliver(token: string, report: DeliveryReport): Promise<Result<z.infer<typeof Accepted>, JobRefused>>
  readBlob(token: string, sha256: Sha256): Promise<Result<Uint8Array, JobRefused>>
  storeBlob(token: string, sha256: Sha256, bytes: Uint8Array): Promise<Result<z.infer<typeof Accepted>, JobRefused>>
}
