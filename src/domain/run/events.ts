import { z } from 'zod'
import { Mode } from '../control/policy.ts'
import { RepositoryRef } from '../effects.ts'
import { Approval } from '../grant.ts'
import { ObjectId, Sha256 } from '../hash.ts'
import { EffectKey, ForeignId, Instant, RunId } from '../ids.ts'
import { LockFacts } from '../lock.ts'
import { ModelFault, ModelProtocol } from '../packs/model-call.ts'
import { Person } from '../packs/people.ts'
import { Lane } from '../packs/plan.ts'

const Rule = z.string().max(64)
const Reason = z.string().max(1000)
const GrantId = z.string().max(64)
const EffectName = z.string().max(32)

/** How a plan is to be made. Parameters are people's words and stay in the words blob. */
export const Planner = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('recipe'), name: z.string().max(64) }),
  z.strictObject({ is: z.literal('words') }),
  z.strictObject({ is: z.literal('patch'), patch: Sha256 }),
  /** The change of an open pull request as it stood when it was named: later pushes to it change nothing. */
  z.strictObject({
    is: z.literal('pull-request'),
    number: z.int().min(1),
    head: ObjectId,
    mergeBase: ObjectId,
    isFork: z.boolean(),
    /** Null where the account is gone. */
    author: z.strictObject({ id: ForeignId, kind: z.enum(['User', 'Bot', 'Organization']), words: Sha256 }).nullable(),
  }),
  z.strictObject({ is: z.literal('plan'), plan: Sha256 }),
])
export type Planner = z.infer<typeof Planner>

/** The claims of the job's OIDC token that were checked, as GitHub signed them. */
export const JobClaims = z.strictObject({
  issuer: z.string().max(300),
  repositoryId: ForeignId,
  repositoryOwnerId: ForeignId,
  workflowRef: z.string().max(500),
  workflowSha: z.string().max(64),
  runId: z.string().max(32),
  runAttempt: z.string().max(8),
  actorId: z.string().max(32),
  ref: z.string().max(255),
  sha: z.string().max(64),
})
export type JobClaims = z.infer<typeof JobClaims>

/** What stands at a path of the base commit. */
const PathKind = z.enum(['file', 'folder', 'link', 'submodule'])

/** Whether the control plane on the default branch has AgentOS switched on at that moment. */
const Switched = z.enum(['on', 'off', 'unreadable'])

const settled = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('performed'), result: z.json(), receipt: Sha256 }),
  z.strictObject({ is: z.literal('failed'), because: Reason }),
])

/**
 * The event catalogue of a run. Inputs tell what arrived or was observed, with every fact that the decision needs;
 * decisions follow from them alone.
 */
export const runEvents = {
  RequestReceived: {
    kind: 'input',
    says: 'someone with the right to ask asked for a change',
    data: z.strictObject({
      run: RunId,
      venue: z.enum(['github', 'local']),
      via: z.discriminatedUnion('is', [
        z.strictObject({ is: z.literal('comment'), commentId: z.string().max(32) }),
        z.strictObject({ is: z.literal('schedule'), rule: Rule, due: Instant, decision: Sha256 }),
        z.strictObject({ is: z.literal('cli') }),
      ]),
      instance: z.string().max(200),
      repository: RepositoryRef,
      issue: z.int().min(1).nullable(),
      requester: Person,
      words: Sha256,
      mode: Mode.nullable(),
      planner: Planner,
      base: z.strictObject({ ref: z.string().max(255), sha: ObjectId }),
      manifest: Sha256,
      engine: z.strictObject({ version: z.string().max(32), digest: Sha256 }),
    }),
  },
  EffectSettled: {
    kind: 'input',
    says: 'an effect that this run intended was performed, or given up',
    data: z.strictObject({
      key: EffectKey,
      effect: EffectName,
      attempts: z.int().min(1),
      outcome: settled,
      locks: LockFacts.nullable(),
    }),
  },
  AnswerGiven: {
    kind: 'input',
    says: 'someone answered the open questions',
    data: z.strictObject({
      commentId: z.string().max(32).nullable(),
      author: Person,
      words: Sha256,
      /** What stands at the base at each path that was answered. */
      paths: z.array(z.strictObject({ path: z.string().max(4096), kind: PathKind.nullable() })).max(50),
      /** The open questions whose evidence this person owns by CODEOWNERS at the base. */
      owns: z.array(z.string().max(8)).max(50),
      switched: Switched,
    }),
  },
  AmendAsked: {
    kind: 'input',
    says: 'someone asked to change the request',
    data: z.strictObject({
      commentId: z.string().max(32),
      author: Person,
      words: Sha256,
      /** The review whose comments are to be taken in, as it stood at that moment; null where none was asked for. */
      review: z
        .discriminatedUnion('is', [
          z.strictObject({ is: z.literal('absent'), because: Reason }),
          z.strictObject({
            is: z.literal('found'),
            id: z.string().max(32),
            author: Person,
            state: z.enum(['approved', 'changes_requested', 'commented', 'dismissed']),
            commit: ObjectId.nullable(),
            words: Sha256,
            comments: z.int().min(0),
          }),
        ])
        .nullable(),
      switched: Switched,
    }),
  },
  ReviewSeen: {
    kind: 'input',
    says: 'a review of the run’s pull request was submitted or dismissed',
    data: z.strictObject({
      reviewId: z.string().max(32),
      author: Person,
      state: z.enum(['approved', 'changes_requested', 'commented', 'dismissed']),
      commit: ObjectId.nullable(),
      words: Sha256,
      locks: LockFacts,
    }),
  },
  StopAsked: {
    kind: 'input',
    says: 'someone asked to stop the run',
    data: z.strictObject({ commentId: z.string().max(32), author: Person, words: Sha256, locks: LockFacts }),
  },
  StatusAsked: {
    kind: 'input',
    says: 'someone asked how the run stands',
    data: z.strictObject({ commentId: z.string().max(32), number: z.int().min(1), author: Person }),
  },
  HeadMoved: {
    kind: 'input',
    says: 'the run’s branch points at another commit',
    data: z.strictObject({ head: ObjectId.nullable(), sender: ForeignId, locks: LockFacts }),
  },
  PullRequestEnded: {
    kind: 'input',
    says: 'the run’s pull request was merged or closed',
    data: z.strictObject({
      sender: ForeignId,
      merge: z.strictObject({ commit: ObjectId, message: Sha256, diffSha256: Sha256.nullable() }).nullable(),
      locks: LockFacts,
    }),
  },
  CommentTampered: {
    kind: 'input',
    says: 'someone else edited or deleted a comment that AgentOS wrote',
    data: z.strictObject({ commentId: z.string().max(32), what: z.enum(['edited', 'deleted']), sender: ForeignId }),
  },
  GrantClaimed: {
    kind: 'input',
    says: 'a job proved who it is and claimed a Grant',
    data: z.strictObject({
      grant: GrantId,
      runnerKey: z.string().max(128),
      job: JobClaims.nullable(),
      envelope: Sha256,
      /** What is wrong with the job's proof of identity: null when every claim holds. */
      fault: Reason.nullable(),
    }),
  },
  RunnerDelivered: {
    kind: 'input',
    says: 'the job that holds the Grant handed over what it measured',
    data: z.strictObject({
      grant: GrantId,
      runnerKey: z.string().max(128),
      delivery: Sha256,
      receipts: z.array(Sha256).max(200),
      /** What the signatures and the chain of receipts say: null when all hold. */
      fault: Reason.nullable(),
      /** The whole change as the shell examined it: rendered for people, with what is wrong with its paths and bytes. */
      examined: Sha256.nullable(),
      locks: LockFacts.nullable(),
    }),
  },
  TimerFired: {
    kind: 'input',
    says: 'a due time that the run had set has come',
    data: z.strictObject({ key: EffectKey, name: z.string().max(32), about: z.string().max(64), locks: LockFacts }),
  },

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
    data: z.strictObject({ draft: Sha256, facts: Sha256 }),
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
      heldByOthers: z.array(z.strictObject({ key: z.string().max(500), run: RunId, until: Instant })).max(3),
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
    data: z.strictObject({ rule: Rule, because: Reason }),
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
    says: 'another run holds a lock that this one needs',
    data: z.strictObject({ holder: RunId, key: z.string().max(4200) }),
  },
  LookedAgain: { kind: 'decision', says: 'the run looks again whether its locks are free', data: z.strictObject({}) },
  DeliveryTaken: {
    kind: 'decision',
    says: 'the job’s account of the execution is on record',
    data: z.strictObject({ delivery: Sha256, receipts: z.array(Sha256).max(200), reproduced: z.boolean() }),
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
  RunClosed: { kind: 'decision', says: 'people closed the pull request', data: z.strictObject({}) },
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

export type RunEventType = keyof typeof runEvents
type KindOf<K> = { [T in RunEventType]: (typeof runEvents)[T]['kind'] extends K ? T : never }[RunEventType]
export type InputType = KindOf<'input'>
export type DecisionType = KindOf<'decision'>
type DataByType = { readonly [T in RunEventType]: z.infer<(typeof runEvents)[T]['data']> }
export type EventData<T extends RunEventType> = DataByType[T]

/** An input as the shell observed it, before it is placed in a stream. */
export type RunInput = {
  readonly [T in InputType]: {
    readonly type: T
    readonly data: EventData<T>
    readonly by: string
    readonly at: Instant
  }
}[InputType]
export type RunDecision = {
  readonly [T in DecisionType]: { readonly type: T; readonly data: EventData<T> }
}[DecisionType]

export const CATALOGUE_VERSION = 1

export function isRunEventType(text: string): text is RunEventType {
  return Object.hasOwn(runEvents, text)
}

const schemas: { readonly [T in RunEventType]: { readonly data: { parse(data: unknown): DataByType[T] } } } = runEvents

/** Reads an event's data by its type. Throws ZodError where the record does not hold what the catalogue says. */
export function parseData<T extends RunEventType>(type: T, data: unknown): EventData<T> {
  return schemas[type].data.parse(data)
}
