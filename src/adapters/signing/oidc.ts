import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { type Clock, TryLater } from '../../app/ports.ts'
import type { AttestedJob } from '../../domain/job.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'

/** Why a bearer token says nothing about a job. */
type TokenRefusal = { readonly rule: 'oidc-token'; readonly because: string; readonly next: string }

/** Reads an OIDC token of Actions. Throws TryLater while the issuer's keys cannot be fetched. */
export type OidcVerifier = (token: string) => Promise<Result<AttestedJob, TokenRefusal>>

export type OidcOptions = { readonly issuer: string; readonly publicUrl: string; readonly clock: Clock }

/** The claims of a job's token as GitHub names them; a claim that is absent or of another type makes the token unreadable. */
const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  iat: z.int(),
  nbf: z.int(),
  exp: z.int(),
  repository_id: z.string().regex(/^[1-9][0-9]{0,19}$/),
  repository_owner_id: z.string().regex(/^[1-9][0-9]{0,19}$/),
  job_workflow_ref: z.string().min(1).max(500),
  job_workflow_sha: z.string().max(64),
  run_id: z.string().min(1).max(32),
  run_attempt: z.string().min(1).max(8),
  actor_id: z.string().min(1).max(32),
  event_name: z.string().min(1).max(64),
  ref: z.string().min(1).max(255),
  sha: z.string().max(64),
  runner_environment: z.string().min(1).max(32).exactOptional(),
})

const MAX_TOKEN_CHARACTERS = 16_384
const SKEW_SECONDS = 30
const NEXT = 'let AgentOS dispatch a new job: it asks GitHub for a fresh token'

/** Verifies tokens against the issuer's published keys: RS256 only, in date, for an audience of this controller. */
export function oidcVerifier({ issuer, publicUrl, clock }: OidcOptions): OidcVerifier {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`))
  return async (token) => {
    if (token.length > MAX_TOKEN_CHARACTERS) return unreadable('it is too long')
    const payload = await verified(token, keys, { issuer, publicUrl, clock })
    if (!payload.ok) return payload
    const claims = Claims.safeParse(payload.value)
    if (!claims.success)
      return unreadable(`its claim ${claims.error.issues[0]?.path.join('.') ?? ''} is absent or wrong`)
    if (!claims.data.aud.startsWith(`${publicUrl}#`)) return unreadable('it was made for another service')
    return ok(toJob(claims.data))
  }
}

async function verified(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, clock }: OidcOptions,
): Promise<Result<JWTPayload, TokenRefusal>> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      algorithms: ['RS256'],
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'nbf', 'iat', 'aud'],
    })
    return ok(payload)
  } catch (error) {
    if (isTokenFault(error)) return unreadable(error.message)
    throw new TryLater(`the keys of ${issuer} cannot be fetched`, 2000, error)
  }
}

/** Faults of the token itself. What else goes wrong is the issuer not answering as it should. */
function isTokenFault(error: unknown): error is errors.JOSEError {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  )
}

function unreadable(because: string): { readonly ok: false; readonly refusal: TokenRefusal } {
  return refuse({ rule: 'oidc-token', because: `the job's token is not accepted: ${because}`, next: NEXT })
}

function toJob(claims: z.infer<typeof Claims>): AttestedJob {
  const { runner_environment: runnerEnvironment } = claims
  return {
    eventName: claims.event_name,
    audience: claims.aud,
    claims: {
      issuer: claims.iss,
      repositoryId: claims.repository_id,
      repositoryOwnerId: claims.repository_owner_id,
      workflowRef: claims.job_workflow_ref,
      workflowSha: claims.job_workflow_sha,
      runId: claims.run_id,
      runAttempt: claims.run_attempt,
      actorId: claims.actor_id,
      ref: claims.ref,
      sha: claims.sha,
      ...(runnerEnvironment === undefined ? {} : { runnerEnvironment }),
    },
  }
}
