import { z } from 'zod'
import { Json } from '../canonical.ts'
import { Mode } from '../control/policy.ts'
import { RepositoryRef } from '../effects.ts'
import { ObjectId, Sha256 } from '../hash.ts'
import { EffectKey, ForeignId, Instant, RunId } from '../ids.ts'
import { LockFacts } from '../lock.ts'
import { Person } from '../packs/people.ts'
import { Redacted } from '../redaction.ts'
import { Freed, GrantId, Position, Reason, Rule, StepName } from './event-words.ts'

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
  /** The inverse of what another run landed; `landed` is read once, when it is asked for. */
  z.strictObject({ is: z.literal('rollback'), run: RunId, commit: ObjectId, landed: Sha256 }),
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
  /** `github-hosted` or `self-hosted`: whose machine measured. Recorded where the token says it, never compared. */
  runnerEnvironment: z.string().max(32).exactOptional(),
})
export type JobClaims = z.infer<typeof JobClaims>

/** What stands at a path of the base commit. */
const PathKind = z.enum(['file', 'folder', 'link', 'submodule'])

/** Whether the control plane on the default branch has AgentOS switched on at that moment. */
const Switched = z.enum(['on', 'off', 'unreadable'])

const settled = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('performed'), result: Json, receipt: Sha256 }),
  z.strictObject({ is: z.literal('failed'), because: Reason }),
])

/** What arrived or was observed, each with every fact that the decision needs. */
export const inputs = {
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
      /** Where people see the repository, like `https://github.com`; absent where nobody said. */
      site: z.string().max(200).exactOptional(),
      repository: RepositoryRef,
      issue: z.int().min(1).nullable(),
      requester: Person,
      words: Sha256,
      /** Documents that may quote people are salted; absent in runs of releases that named them by their text alone. */
      quotes: z.literal('salted').exactOptional(),
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
  ProofAsked: {
    kind: 'input',
    says: 'someone asked for the proof of the run',
    data: z.strictObject({ commentId: z.string().max(32), number: z.int().min(1), author: Person, position: Position }),
  },
  ReasonAsked: {
    kind: 'input',
    says: 'someone asked why the run is where it is',
    data: z.strictObject({
      commentId: z.string().max(32),
      number: z.int().min(1),
      author: Person,
      /** The step that was asked about; null for the run as a whole. */
      step: StepName.nullable(),
    }),
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
      /** What stands at the merge commit at each path that a rollback was to bring back. */
      stands: Sha256.exactOptional(),
      locks: LockFacts,
    }),
  },
  RollbackAsked: {
    kind: 'input',
    says: 'someone asked to take the run back before it was merged',
    data: z.strictObject({ commentId: z.string().max(32), author: Person, words: Sha256, locks: LockFacts }),
  },
  RollbackMerged: {
    kind: 'input',
    says: 'the rollback of this run was merged',
    data: z.strictObject({
      by: RunId,
      number: z.int().min(1).nullable(),
      commit: ObjectId,
      /** That the merge holds what the rollback delivered, which took the change back from each path that still had it. */
      asApproved: z.boolean(),
      /** Of how many touched paths how many equal their recorded former state. */
      paths: z.int().min(0),
      restored: z.int().min(0),
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
  UnlockAsked: {
    kind: 'input',
    says: 'someone asked to take the run’s locks away',
    data: z.strictObject({
      commentId: z.string().max(32),
      author: Person,
      words: Sha256,
      switched: Switched,
      locks: LockFacts,
    }),
  },
  LockFreed: {
    kind: 'input',
    says: 'another run gave back what this one waits for',
    data: z.strictObject({ freed: Freed, locks: LockFacts }),
  },
  BlobRedacted: { kind: 'input', says: 'what some blobs of this run held was erased', data: Redacted },
  TimerFired: {
    kind: 'input',
    says: 'a due time that the run had set has come',
    data: z.strictObject({ key: EffectKey, name: z.string().max(32), about: z.string().max(64), locks: LockFacts }),
  },
} as const
