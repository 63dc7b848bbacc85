import { plus } from '../../domain/clock.ts'
import { Governed } from '../../domain/control/governed.ts'
import type { Grant } from '../../domain/grant.ts'
import { hashOf, type Sha256 } from '../../domain/hash.ts'
import type { Instant } from '../../domain/ids.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { Plan, type Step } from '../../domain/packs/plan.ts'
import type { Delivery } from '../../domain/receipt.ts'
import type { EventData } from '../../domain/run/events.ts'
import { tried } from './named-blobs.ts'

/** A delivery that was taken from the job which claimed its Grant, with every signature checked. */
export type HandedOver = { readonly grant: Grant; readonly steps: readonly Step[]; readonly delivery: Delivery }

export type Claimed = { readonly runnerKey: string; readonly job: string; readonly at: Instant }

/** What the run's events said before a dry run was to stand for the execution. */
export type BeforeReuse = {
  readonly documents: Documents
  readonly at: Instant
  readonly frozen: EventData<'PlanFrozen'> | null
  readonly proposed: EventData<'PlanProposed'> | null
  readonly approvals: EventData<'RunApproved'>['approvals']
  /** The plan that approvals of another commit were carried over to by a rebase; null where none were. */
  readonly carriedTo: Sha256 | null
  readonly issued: Iterable<EventData<'GrantIssued'>>
  readonly claimed: Claimed | undefined
  readonly handedOver: HandedOver | undefined
  /** Whether anything was executed on an approval before. */
  readonly executed: boolean
}

/**
 * What is wrong with a dry run that is said to stand for the execution: it must have settled this very plan on this very
 * base, in an attested job in which no contractor ran, within the time that the policy gives it, and for an approval of it.
 */
export function faultInReuse(data: EventData<'DryRunReused'>, before: BeforeReuse): string | undefined {
  const plan = tried(() => readDocument(before.documents, data.plan, Plan))
  if (plan === undefined) return 'the plan that the dry run stands for cannot be read'
  const fault = faultInPlan(data, plan, before) ?? faultInJob(data, plan, before) ?? faultInTime(data, plan, before)
  return fault ?? faultInApprovals(data, before)
}

function faultInPlan(data: EventData<'DryRunReused'>, plan: Plan, before: BeforeReuse): string | undefined {
  const { frozen, issued, executed } = before
  if (frozen?.plan !== data.plan || frozen.delivery !== data.delivery)
    return 'the dry run that stands for the execution did not settle this plan'
  if (plan.lane !== 'light' || frozen.lane !== 'light') return `a plan in the ${plan.lane} lane is executed by a job`
  if (plan.drafter.is === 'contractor' || [...issued].some(({ purpose }) => purpose === 'draft'))
    return 'a contractor ran before the dry run that stands for the execution'
  return executed ? 'the plan was executed before' : undefined
}

function faultInJob(
  data: EventData<'DryRunReused'>,
  plan: Plan,
  { handedOver, claimed }: BeforeReuse,
): string | undefined {
  if (handedOver === undefined || claimed === undefined) return 'no job handed over what stands for the execution'
  const { grant } = handedOver
  if (grant.id !== data.dryRun || grant.purpose !== 'dry-run') return 'what stands for the execution is no dry run'
  if (claimed.job === 'local') return 'GitHub attested no job for what stands for the execution'
  return faultInMeasured(data, plan, handedOver)
}

function faultInMeasured(
  { tree }: EventData<'DryRunReused'>,
  { base, manifest, steps, predictedTree }: Plan,
  tried: HandedOver,
): string | undefined {
  const { grant, delivery } = tried
  const ofPlan = [base.sha, base.tree, manifest, hashOf(steps)]
  if (hashOf(ofPlan) !== hashOf([grant.base.sha, grant.base.tree, grant.manifest, hashOf(tried.steps)]))
    return 'the dry run was of other steps, on another base or under another control plane than the plan'
  if (!steps.some((step) => step.is === 'verify') || steps.some((step) => step.is === 'run'))
    return 'the steps of the dry run cannot stand for the execution'
  if (delivery.outcome.is !== 'done') return 'the dry run did not end well'
  return delivery.tree === predictedTree && tree === predictedTree
    ? undefined
    : 'the dry run made another tree than the approved one'
}

function faultInTime(
  data: EventData<'DryRunReused'>,
  plan: Plan,
  { documents, at, claimed }: BeforeReuse,
): string | undefined {
  const governed = tried(() => readDocument(documents, plan.manifest, Governed))
  const { enabled, hours } = governed?.policy.lanes.light ?? {}
  if (enabled !== true || hours === undefined) return 'the control plane does not open the light lane'
  if (data.since !== claimed?.at) return 'the dry run was claimed at another time'
  const stands = data.since <= at && at <= plus(data.since, hours * 3_600_000)
  return stands ? undefined : `the dry run of ${data.since} does not stand at ${at}`
}

function faultInApprovals(
  data: EventData<'DryRunReused'>,
  { approvals, proposed, carriedTo }: BeforeReuse,
): string | undefined {
  if (approvals.length === 0) return 'a dry run stands for an execution without an approval before it'
  if (hashOf(data.approvals) !== hashOf(approvals)) return 'the dry run names other approvals than were given'
  if (carriedTo !== null) return carriedTo === data.plan ? undefined : 'the approvals were carried over to another plan'
  const commit = proposed?.commit ?? null
  return commit !== null && approvals.every((approval) => approval.commit === commit)
    ? undefined
    : 'an approval is of another commit than the one that was proposed'
}
