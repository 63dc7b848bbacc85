import { plus } from '../../clock.ts'
import type { Policy } from '../../control/policy.ts'
import { Grant } from '../../grant.ts'
import { capabilitiesFor } from '../../job-capabilities.ts'
import { readDocument } from '../../packs/documents.ts'
import { Draft, Plan, type PlanLimits } from '../../packs/plan.ts'
import { type Deliberation, governedBy, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { currentGrant, isFinal, told } from '../state.ts'
import { failRun } from './end.ts'

/** How many jobs may be started under one still valid approval, or for one draft. */
const MOST_GRANTS_A_PURPOSE = 3

/** Issues the Grant for one job: a dry run by policy, an execution only from the approvals on record. */
export function issueGrant(d: Deliberation, purpose: 'dry-run' | 'execute'): void {
  const state = d.state()
  const request = requestOf(d)
  const { policy } = governedBy(d)
  const before = state.grants.slice(state.begunAnew.grants).filter((grant) => grant.purpose === purpose).length
  if (before >= MOST_GRANTS_A_PURPOSE)
    return failRun(d, 'grants', `${before} ${purpose} jobs were started and none delivered`)
  const subject = purpose === 'dry-run' ? told(state.draft, 'the draft') : told(state.plan, 'the plan').hash
  const steps =
    purpose === 'dry-run' ? readDocument(d.documents, subject, Draft) : readDocument(d.documents, subject, Plan)
  const grant: Grant = {
    v: 1,
    id: `${request.run}-${state.grants.length + 1}`,
    purpose,
    authority: request.venue,
    instance: request.instance,
    repository: { id: request.repository.id, ownerId: request.repository.ownerId },
    run: request.run,
    subject: { is: purpose === 'dry-run' ? 'draft' : 'plan', hash: subject },
    base: { sha: steps.base.sha, tree: steps.base.tree },
    manifest: request.manifest,
    predictedTree: 'predictedTree' in steps ? steps.predictedTree : null,
    approvals: purpose === 'execute' ? [...state.approvals] : [],
    capabilities: capabilitiesFor(steps.base.sha, steps.steps),
    limits: limitsOf(policy),
    expiresAt: plus(d.at, policy.limits.grantMinutes * 60_000),
  }
  d.decide('GrantIssued', { grant: d.keep(Grant.parse(grant)), id: grant.id, purpose, expiresAt: grant.expiresAt })
}

/** Every Grant, also one that was used up: nothing that comes late may count. */
export function revokeGrants(d: Deliberation, because: string): void {
  for (const { id, use } of d.state().grants) if (use.is !== 'revoked') d.decide('GrantRevoked', { id, because })
}

export function limitsOf({ limits }: Policy): PlanLimits {
  const { stepWallMs, stepCpuSeconds, outputBytes, memoryBytes, processes, fileBytes, runMinutes } = limits
  return { stepWallMs, stepCpuSeconds, outputBytes, memoryBytes, processes, fileBytes, runMinutes }
}

/** A job claims a Grant: it is used up by the first valid claim. */
export function decideClaim(d: Deliberation, claim: EventData<'GrantClaimed'>): void {
  const fault = claim.fault ?? faultInClaim(d, claim)
  if (fault !== null) return d.decide('ClaimDeclined', { id: claim.grant, rule: 'grant', because: fault })
  d.decide('GrantUsed', { id: claim.grant, runnerKey: claim.runnerKey, job: claim.job?.runId ?? 'local' })
}

function faultInClaim(d: Deliberation, claim: EventData<'GrantClaimed'>): string | null {
  const state = d.state()
  const grant = state.grants.find((one) => one.id === claim.grant)
  if (grant === undefined) return 'this run issued no such Grant'
  if (isFinal(state.phase)) return `the run is ${state.phase}`
  if (grant.use.is === 'used') return 'the Grant was used up by an earlier claim'
  if (grant.use.is === 'revoked') return `the Grant was revoked: ${grant.use.because}`
  if (grant.id !== currentGrant(state)?.id) return 'a newer Grant has taken its place'
  if (grant.expiresAt <= d.at) return `the Grant expired at ${grant.expiresAt}`
  if (claim.job === null && requestOf(d).venue !== 'local') return 'the job did not prove who it is'
  return null
}
