import { z } from 'zod'
import { Mode } from '../control/policy.ts'
import { Approval } from '../grant.ts'
import { ObjectId, Sha256 } from '../hash.ts'
import { ForeignId, Instant, RunId } from '../ids.ts'
import { ModelFault, ModelProtocol } from '../packs/model-call.ts'
import { Lane } from '../packs/plan.ts'
import { Freed, GrantId, Position, Reason, Rule, StepName } from './event-words.ts'

/** What was decided, each from the input before it and from nothing else. */
export const decisions = {
  RunRequested: {
    kind: 'decision',
    says: 'the request is accepted; planning begins',
    /** `words` are those that the Intent was formed from. */
    data: z.strictObject({ intent: Sha256, words: Sha256, mode: Mode, manifest: Sha256 }),
  },
  IntentAmended: {
    kind: 'decision',
    says: 'the request has changed: what was planned and approved is void, and planning begins again',
    data: z.strictObject({
      intent: Sha256,
      version: z.int().min(2),
      words: Sha256,
      review: Sha256.nullable(),
      commentId: z.string().max(32),
      /** The workflow run of a job that is of no use any more. */
      job: z.string().max(32).nullable(),
    }),
  },
  AmendDeclined: {
    kind: 'decision',
    says: 'the request was not changed',
    data: z.strictObject({ rule: Rule, because: Reason, next: z.string().max(500), commentId: z.string().max(32) }),
  },
  MemoryPinned: {
    kind: 'decision',
    says: 'what is known about the base commit is settled',
    data: z.strictObject({ pack: Sha256, tree: ObjectId }),
  },
  QuestionsAsked: {
    kind: 'decision',
    says: 'the run waits for people to answer',
    data: z.strictObject({ pack: Sha256, round: z.int().min(1), count: z.int().min(1), deadline: Instant }),
  },
  AnswersTaken: {
    kind: 'decision',
    says: 'valid answers were taken',
    data: z.strictObject({ answers: Sha256, open: z.array(z.string().max(8)).max(50) }),
  },
  AnswerDeclined: {
    kind: 'decision',
    says: 'an answer was not taken',
    data: z.strictObject({ rule: Rule, because: Reason, commentId: z.string().max(32).nullable() }),
  },
  ModelCallReserved: {
    kind: 'decision',
    says: 'one call of a model may be made, within what is left of the budget',
    data: z.strictObject({
      request: Sha256,
      /** Hash over intent, memory and answers: an answer to a request made from others is not gone on with. */
      basis: Sha256,
      turn: z.int().min(1),
      tries: z.int().min(1),
      host: z.string().max(110),
      model: z.string().max(100),
      protocol: ModelProtocol,
      capability: z.string().max(250),
      inputTokens: z.int().min(0),
      maxOutputTokens: z.int().min(1),
      /** Null where the policy has no price for this model. */
      costMicroUsd: z.int().min(0).nullable(),
      waitMs: z.int().min(0).max(300_000),
    }),
  },
  ModelCallSettled: {
    kind: 'decision',
    says: 'a call of a model is paid for, and it is settled how planning goes on',
    data: z.strictObject({
      request: Sha256,
      answer: Sha256.nullable(),
      fault: ModelFault.nullable(),
      inputTokens: z.int().min(0),
      outputTokens: z.int().min(0),
      costMicroUsd: z.int().min(0).nullable(),
      leadsTo: z.enum(['draft', 'ask-again', 'end', 'nothing']),
      /** The protocol of the next call. */
      protocol: ModelProtocol,
      waitMs: z.int().min(0).max(300_000),
    }),
  },
  DraftTaken: {
    kind: 'decision',
    says: 'a draft passed the gates and may be tried',
    /** `conflicts` says where edits of an earlier base could not be carried over, so that planning began anew. */
    data: z.strictObject({
      draft: Sha256,
      facts: Sha256,
      conflicts: z.array(z.string().max(400)).min(1).max(5).exactOptional(),
    }),
  },
  GrantIssued: {
    kind: 'decision',
    says: 'one job may run, once, for one purpose',
    data: z.strictObject({
      grant: Sha256,
      id: GrantId,
      purpose: z.enum(['draft', 'dry-run', 'execute']),
      expiresAt: Instant,
    }),
  },
  GrantUsed: {
    kind: 'decision',
    says: 'the Grant is used up by this claim',
    data: z.strictObject({ id: GrantId, runnerKey: z.string().max(128), job: z.string().max(32) }),
  },
  GrantRevoked: {
    kind: 'decision',
    says: 'the Grant can no longer lead to anything',
    data: z.strictObject({ id: GrantId, because: Reason }),
  },
  ClaimDeclined: {
    kind: 'decision',
    says: 'a claim or delivery was refused',
    data: z.strictObject({ id: GrantId, rule: Rule, because: Reason }),
  },
  PlanFrozen: {
    kind: 'decision',
    says: 'the dry run settled the exact plan',
    data: z.strictObject({
      plan: Sha256,
      lane: Lane,
      delivery: Sha256.nullable(),
      receipts: z.array(Sha256).max(200),
      examined: Sha256.nullable(),
    }),
  },
  PullRequestOpened: {
    kind: 'decision',
    says: 'the run has its pull request',
    data: z.strictObject({ number: z.int().min(1), head: ObjectId }),
  },
  PlanProposed: {
    kind: 'decision',
    says: 'reviewers can see and approve the plan',
    data: z.strictObject({
      commit: ObjectId.nullable(),
      tree: ObjectId,
      deadline: Instant,
      /** Leases of other runs on paths of this plan, as they stood then: the approver sees what the run would wait for. */
      heldByOthers: z
        .array(
          z.strictObject({
            key: z.string().max(500),
            run: RunId,
            until: Instant,
            since: Instant.exactOptional(),
            number: z.int().min(1).exactOptional(),
          }),
        )
        .max(3),
      /** How many runs wait already for something that this plan wants. */
      waiting: z.int().min(1).exactOptional(),
    }),
  },
  ApprovalCounted: {
    kind: 'decision',
    says: 'an approval counts',
    data: z.strictObject({ approval: Approval, needed: z.int().min(1), have: z.int().min(1) }),
  },
  ApprovalDeclined: {
    kind: 'decision',
    says: 'a review does not count as approval',
    data: z.strictObject({ reviewId: z.string().max(32), rule: Rule, because: Reason }),
  },
  ApprovalVoided: {
    kind: 'decision',
    says: 'what was approved no longer stands',
    data: z.strictObject({
      rule: Rule,
      because: Reason,
      /** Until when the plan waits for a new approval, where the time that was set for the first one has passed. */
      deadline: Instant.exactOptional(),
      /** The approval had been carried over to this plan, so that nobody was asked to review it yet. */
      carried: z.literal(true).exactOptional(),
    }),
  },
  ObjectionKept: {
    kind: 'decision',
    says: 'a reviewer requests changes while nothing can be taken back: what was approved counts for no further job or commit',
    data: z.strictObject({ reviewId: z.string().max(32), by: ForeignId }),
  },
  RunApproved: {
    kind: 'decision',
    says: 'enough people approved this exact plan',
    data: z.strictObject({ approvals: z.array(Approval).min(1).max(20) }),
  },
  LocksTaken: {
    kind: 'decision',
    says: 'the run holds every lock it needs',
    data: z.strictObject({ token: z.int().min(1), until: Instant }),
  },
  LocksRenewed: {
    kind: 'decision',
    says: 'the run keeps its locks',
    data: z.strictObject({ token: z.int().min(1), until: Instant }),
  },
  LocksReleased: {
    kind: 'decision',
    says: 'the run gave its locks back',
    data: z.strictObject({ token: z.int().min(1) }),
  },
  LockAwaited: {
    kind: 'decision',
    says: 'another run holds a lock that this one needs, or waits for it in front of this one',
    data: z.strictObject({
      holder: RunId,
      key: z.string().max(4200),
      /** The pull request of that run, and since when it holds or waits. */
      number: z.int().min(1).exactOptional(),
      since: Instant.exactOptional(),
      /** This run's place in the line: who has a lower one goes first. */
      place: z.int().min(1).exactOptional(),
      /** The runs that wait in front of it. */
      ahead: z
        .array(z.strictObject({ run: RunId, since: Instant }))
        .max(20)
        .exactOptional(),
    }),
  },
  LookedAgain: {
    kind: 'decision',
    says: 'the run looks again whether its locks are free',
    /** Told where another run gave locks back, with the words of whoever unlocked it. */
    data: z.strictObject({ freed: Freed.exactOptional() }),
  },
  RunUnlocked: {
    kind: 'decision',
    says: 'someone with the right to do so took the run’s locks away',
    data: z.strictObject({
      token: z.int().min(1),
      by: ForeignId,
      words: Sha256,
      commentId: z.string().max(32),
      /** The workflow run of a job that is of no use any more. */
      job: z.string().max(32).nullable(),
    }),
  },
  UnlockDeclined: {
    kind: 'decision',
    says: 'the run was not unlocked',
    data: z.strictObject({ rule: Rule, because: Reason, next: z.string().max(500), commentId: z.string().max(32) }),
  },
  RunRebased: {
    kind: 'decision',
    says: 'the base changed what the plan touches: its edits are carried over to the new base, and it is tried again',
    data: z.strictObject({
      times: z.int().min(1),
      base: z.strictObject({ ref: z.string().max(255), sha: ObjectId }),
      /** What is void for execution from here on. */
      from: z.strictObject({ base: ObjectId, plan: Sha256, draft: Sha256, facts: Sha256, commit: ObjectId }),
      because: Reason,
    }),
  },
  ApprovalsCarried: {
    kind: 'decision',
    says: 'the plan on the new base is the approved one in everything but its base, so its approvals count on',
    data: z.strictObject({
      approvals: z.array(Approval).min(1).max(20),
      /** The plan that was approved, and the one that it is now. */
      from: Sha256,
      to: Sha256,
      diffSha256: Sha256,
      /** The plan commits that the approving reviews may name beside the newest. */
      commits: z.array(ObjectId).min(1).max(20),
    }),
  },
  DeliveryTaken: {
    kind: 'decision',
    says: 'the job’s account of the execution is on record',
    data: z.strictObject({ delivery: Sha256, receipts: z.array(Sha256).max(200), reproduced: z.boolean() }),
  },
  DryRunReused: {
    kind: 'decision',
    says: 'the signed receipts of the dry run stand for the execution: no second job is started',
    data: z.strictObject({
      plan: Sha256,
      /** The Grant of the dry run, used up by the job that measured. */
      dryRun: GrantId,
      delivery: Sha256,
      /** When that Grant was claimed: nothing was measured before. */
      since: Instant,
      tree: ObjectId,
      reproduced: z.boolean(),
      approvals: z.array(Approval).min(1).max(20),
    }),
  },
  DeliveryRequested: {
    kind: 'decision',
    says: 'what was measured is what was approved: the commit may be made',
    data: z.strictObject({ delivery: Sha256, reproduced: z.boolean() }),
  },
  RunDelivered: {
    kind: 'decision',
    says: 'the approved tree is on the branch',
    data: z.strictObject({ commit: ObjectId, tree: ObjectId, diffSha256: Sha256, pack: Sha256 }),
  },
  GatesAsked: {
    kind: 'decision',
    says: 'gates gave their verdicts',
    data: z.strictObject({ at: z.string().max(32), verdicts: Sha256, blocked: Rule.nullable() }),
  },
  ReviewPackRecorded: {
    kind: 'decision',
    says: 'the final account is on record',
    data: z.strictObject({ pack: Sha256, state: z.string().max(32) }),
  },
  RunMerged: {
    kind: 'decision',
    says: 'people merged the change',
    data: z.strictObject({ commit: ObjectId, same: z.boolean(), traced: z.boolean() }),
  },
  RunClosed: {
    kind: 'decision',
    says: 'people closed the pull request',
    /** Who had AgentOS close it after the delivery; absent where people closed it themselves. */
    data: z.strictObject({ by: ForeignId.exactOptional() }),
  },
  RollbackDeclined: {
    kind: 'decision',
    says: 'the run was not taken back',
    data: z.strictObject({ rule: Rule, because: Reason, next: z.string().max(500), commentId: z.string().max(32) }),
  },
  RunRolledBack: {
    kind: 'decision',
    says: 'another run took the change back',
    data: z.strictObject({ by: RunId, number: z.int().min(1).nullable(), commit: ObjectId, because: Reason }),
  },
  RunRefused: {
    kind: 'decision',
    says: 'a rule said no',
    data: z.strictObject({ rule: Rule, because: Reason, next: z.string().max(500) }),
  },
  RunFailed: {
    kind: 'decision',
    says: 'a tool or a test broke',
    data: z.strictObject({ rule: Rule, because: Reason, next: z.string().max(500) }),
  },
  RunCancelled: {
    kind: 'decision',
    says: 'a person stopped the run',
    data: z.strictObject({ by: ForeignId, because: Reason, next: z.string().max(500) }),
  },
  RunExpired: {
    kind: 'decision',
    says: 'a deadline passed without the people the run waited for',
    data: z.strictObject({ what: z.string().max(32), because: Reason, next: z.string().max(500) }),
  },
  StopDeclined: {
    kind: 'decision',
    says: 'the run was not stopped',
    data: z.strictObject({ rule: Rule, because: Reason, commentId: z.string().max(32) }),
  },
  StatusShown: {
    kind: 'decision',
    says: 'the standing of the run was told',
    data: z.strictObject({ number: z.int().min(1) }),
  },
  ProofTold: {
    kind: 'decision',
    says: 'what proves the run was told',
    data: z.strictObject({ number: z.int().min(1), position: Position }),
  },
  ReasonTold: {
    kind: 'decision',
    says: 'why the run is where it is was told',
    data: z.strictObject({ number: z.int().min(1), step: StepName.nullable() }),
  },
  AccountDeclined: {
    kind: 'decision',
    says: 'nothing was told about the run',
    data: z.strictObject({ command: z.enum(['prove', 'why']), number: z.int().min(1), rule: Rule, because: Reason }),
  },
  CommentRestored: {
    kind: 'decision',
    says: 'a comment of AgentOS is written again from the log',
    data: z.strictObject({ commentId: z.string().max(32), what: z.enum(['edited', 'deleted']) }),
  },
  NothingFollows: { kind: 'decision', says: 'what arrived changes nothing', data: z.strictObject({ because: Reason }) },
  EffectsIntended: {
    kind: 'decision',
    says: 'these side effects follow',
    data: z.strictObject({ effects: Sha256, count: z.int().min(1).max(50) }),
  },
} as const
