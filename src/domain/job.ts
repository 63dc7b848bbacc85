import type { Grant } from './grant.ts'
import type { ObjectId, Sha256 } from './hash.ts'
import { ok, type Result, refuse } from './result.ts'
import type { JobClaims } from './run/inputs.ts'

/** Who a job is, as its OIDC token says once the issuer's signature was checked. */
export type AttestedJob = { readonly claims: JobClaims; readonly eventName: string; readonly audience: string }

/**
 * A reusable workflow whose jobs may claim Grants: `owner/repository/.github/workflows/agentos.yml@ref`, and where it is
 * pinned the commit that the ref must be.
 */
export type TrustedRelease = { readonly workflow: string; readonly sha: ObjectId | null }

/** What the controller knows beside the Grant: nothing of it comes from the job. */
export type JobExpectations = {
  readonly issuer: string
  readonly trusted: readonly TrustedRelease[]
  readonly defaultBranch: string
  readonly botId: string
  readonly audience: string
}

export type JobRule =
  | 'job-issuer'
  | 'job-audience'
  | 'job-workflow'
  | 'job-workflow-sha'
  | 'job-repository'
  | 'job-owner'
  | 'job-event'
  | 'job-branch'
  | 'job-actor'
  | 'job-attempt'
export type JobRefusal = { readonly rule: JobRule; readonly because: string; readonly next: string }

/** The audience that a job's token must have: this controller, and the key that the job signs with. */
export function jobAudience(publicUrl: string, runnerKeyid: Sha256): string {
  return `${publicUrl}#${runnerKeyid}`
}

type Check = (job: AttestedJob, grant: Grant, expected: JobExpectations) => string | undefined
const AGAIN = 'let AgentOS dispatch a new job; jobs started by people or run again by hand are not accepted'
const INSTALL = 'compare .github/workflows/agentos.yml with the file that AgentOS documents for this release'

/** Each claim, the rule that guards it, and what to do when it is wrong. */
const checks: readonly { readonly rule: JobRule; readonly next: string; readonly fault: Check }[] = [
  {
    rule: 'job-issuer',
    next: 'check AGENTOS_OIDC_ISSUER on the server',
    fault: ({ claims }, _grant, { issuer }) => differs('issuer', claims.issuer, issuer),
  },
  {
    rule: 'job-audience',
    next: INSTALL,
    fault: (job, _grant, { audience }) => differs('audience', job.audience, audience),
  },
  { rule: 'job-workflow', next: INSTALL, fault: ({ claims }, _grant, { trusted }) => workflowFault(claims, trusted) },
  {
    rule: 'job-workflow-sha',
    next: INSTALL,
    fault: ({ claims }, _grant, { trusted }) => workflowShaFault(claims, trusted),
  },
  {
    rule: 'job-repository',
    next: AGAIN,
    fault: ({ claims }, { repository }) => differs('repository', claims.repositoryId, repository.id),
  },
  {
    rule: 'job-owner',
    next: AGAIN,
    fault: ({ claims }, { repository }) => differs('repository owner', claims.repositoryOwnerId, repository.ownerId),
  },
  { rule: 'job-event', next: AGAIN, fault: (job) => differs('event', job.eventName, 'workflow_dispatch') },
  {
    rule: 'job-branch',
    next: AGAIN,
    fault: ({ claims }, _grant, { defaultBranch }) => differs('ref', claims.ref, `refs/heads/${defaultBranch}`),
  },
  { rule: 'job-actor', next: AGAIN, fault: ({ claims }, _grant, { botId }) => differs('actor', claims.actorId, botId) },
  { rule: 'job-attempt', next: AGAIN, fault: ({ claims }) => differs('attempt', claims.runAttempt, '1') },
]

/** Whether this job may claim this Grant. The `sha` claim is recorded and never compared: the branch may have moved. */
export function checkJob(job: AttestedJob, grant: Grant, expected: JobExpectations): Result<JobClaims, JobRefusal> {
  for (const { rule, next, fault } of checks) {
    const because = fault(job, grant, expected)
    if (because !== undefined) return refuse({ rule, because, next })
  }
  return ok(job.claims)
}

function differs(what: string, found: string, needed: string): string | undefined {
  if (found !== '' && found === needed) return undefined
  return `the job's ${what} is ${found === '' ? 'empty' : found}, and must be ${needed === '' ? 'known' : needed}`
}

function workflowFault(claims: JobClaims, trusted: readonly TrustedRelease[]): string | undefined {
  if (claims.workflowRef !== '' && trusted.some((release) => release.workflow === claims.workflowRef)) return undefined
  return `the job is made by ${claims.workflowRef === '' ? 'no known workflow' : claims.workflowRef}, which is not a trusted release`
}

function workflowShaFault(claims: JobClaims, trusted: readonly TrustedRelease[]): string | undefined {
  const releases = trusted.filter((release) => release.workflow === claims.workflowRef)
  if (releases.some((release) => release.sha === null || release.sha === claims.workflowSha)) return undefined
  return `the workflow ${claims.workflowRef} is at ${claims.workflowSha}, which is not the pinned commit`
}
