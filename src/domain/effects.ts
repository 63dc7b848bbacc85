import { z } from 'zod'
import { Json } from './canonical.ts'
import { ObjectId, Sha256 } from './hash.ts'
import { ForeignId, Instant, RunId } from './ids.ts'
import { ModelFault, ModelProtocol, Turn } from './packs/model-call.ts'
import { HeldRole, Person } from './packs/people.ts'
import { ContentRef } from './packs/plan.ts'
import { Edit } from './patch/edit.ts'

const Repository = z.strictObject({
  id: ForeignId,
  ownerId: ForeignId,
  owner: z.string().max(100),
  name: z.string().max(100),
  defaultBranch: z.string().max(255),
  installation: ForeignId,
})
export const RepositoryRef = Repository
export type RepositoryRef = z.infer<typeof RepositoryRef>

const IssueNumber = z.int().min(1)
const Text = z.string().max(60_000)

/** A commit that the App makes through the Git Data API: `tree` must come out exactly, `from` is what the ref holds before. */
const CommitBody = z.strictObject({
  purpose: z.enum(['plan', 'delivery', 'local']),
  parent: ObjectId,
  baseTree: ObjectId,
  edits: z.array(Edit),
  contents: z.array(ContentRef),
  tree: ObjectId,
  subject: z.string().max(200),
  body: z.string().max(20_000),
  trailers: z.array(z.strictObject({ name: z.string().max(64), value: z.string().max(1000) })),
  skipChecks: z.boolean(),
  ref: z.string().max(255),
  from: ObjectId,
})
export type CommitBody = z.infer<typeof CommitBody>

/**
 * Every kind of side effect: what it takes (`body`) and what the performer observed (`result`). `needed: true` means that
 * the run cannot go on without it; the others are told to people and may fail without ending the run.
 */
export const effectKinds = {
  react: {
    needed: false,
    body: z.strictObject({
      on: z.enum(['issue', 'comment']),
      id: z.string().max(32),
      content: z.enum(['eyes', 'rocket', '+1', '-1', 'confused']),
    }),
    result: z.strictObject({ id: z.string() }),
  },
  card: {
    needed: false,
    body: z.strictObject({ number: IssueNumber, run: RunId, text: Text }),
    result: z.strictObject({ commentId: z.string() }),
  },
  comment: {
    needed: false,
    body: z.strictObject({ number: IssueNumber, role: z.string().max(32), text: Text }),
    result: z.strictObject({ commentId: z.string() }),
  },
  check: {
    needed: false,
    body: z.strictObject({
      name: z.enum(['agentos/plan', 'agentos/review', 'agentos/policy']),
      head: ObjectId,
      status: z.enum(['queued', 'in_progress', 'completed']),
      conclusion: z
        .enum(['success', 'failure', 'neutral', 'cancelled', 'timed_out', 'action_required', 'skipped'])
        .nullable(),
      title: z.string().max(255),
      summary: Text,
      text: Text,
    }),
    result: z.strictObject({ checkRunId: z.string() }),
  },
  label: {
    needed: false,
    body: z.strictObject({
      number: IssueNumber,
      set: z.enum(['agentos:blocked', 'agentos:review', 'agentos:running', 'agentos:stopped']).nullable(),
    }),
    result: z.strictObject({}),
  },
  'collect-memory': {
    needed: true,
    /** `at` is the recorded instant that expiry is judged at. */
    body: z.strictObject({ base: ObjectId, intent: Sha256, at: Instant }),
    result: z.strictObject({ tree: ObjectId, pack: Sha256 }),
  },
  draft: {
    needed: true,
    body: z.strictObject({
      base: z.strictObject({ ref: z.string(), sha: ObjectId, tree: ObjectId }),
      intent: Sha256,
      memory: Sha256,
      manifest: Sha256,
      answers: z.array(Sha256),
      /** What was added to the request; `answers` is how many answers there were before. */
      amendments: z
        .array(z.strictObject({ words: Sha256, review: Sha256.nullable(), answers: z.int().min(0) }))
        .max(20),
      words: Sha256,
      planner: Json,
      round: z.int().min(1),
      /** The comment that the request was made in, which evidence may lead to beside those of the answers. */
      comments: z.array(z.string().max(32)).max(100),
      /** The draft that stood on an earlier base, whose edits are carried over to this one. */
      carry: z.strictObject({ draft: Sha256, facts: Sha256, contents: z.array(ContentRef) }).exactOptional(),
      /** What a model was asked for this draft so far, and what it answered. */
      transcript: z.array(Turn).max(100),
    }),
    result: z.discriminatedUnion('is', [
      z.strictObject({
        is: z.literal('draft'),
        draft: Sha256,
        facts: Sha256,
        examined: Sha256,
        /** Where the edits of the earlier base could not be carried over. */
        conflicts: z.array(z.string().max(400)).min(1).max(5).exactOptional(),
      }),
      z.strictObject({
        is: z.literal('needs-model'),
        request: Sha256,
        turn: z.int().min(1),
        host: z.string().max(110),
        model: z.string().max(100),
      }),
      z.strictObject({ is: z.literal('questions'), questions: Sha256 }),
      z.strictObject({
        is: z.literal('refused'),
        rule: z.string().max(64),
        because: z.string().max(1000),
        next: z.string().max(500),
      }),
    ]),
  },
  'ask-model': {
    needed: true,
    body: z.strictObject({
      request: Sha256,
      host: z.string().max(110),
      model: z.string().max(100),
      protocol: ModelProtocol,
      maxOutputTokens: z.int().min(1),
      capability: z.string().max(250),
      /** How long to wait before asking, where no timer can do the waiting. */
      waitMs: z.int().min(0).max(300_000),
    }),
    result: z.discriminatedUnion('is', [
      z.strictObject({
        is: z.literal('answered'),
        answer: Sha256,
        response: Sha256,
        /** The name that the bytes which went out would have as a blob of this run; they follow from the request. */
        sent: Sha256,
        inputTokens: z.int().min(0),
        outputTokens: z.int().min(0),
      }),
      z.strictObject({
        is: z.literal('failed'),
        fault: ModelFault,
        because: z.string().max(500),
        next: z.string().max(300),
        afterMs: z.int().min(0).max(300_000),
      }),
    ]),
  },
  'open-pull-request': {
    needed: true,
    body: z.strictObject({
      branch: z.string().max(255),
      base: z.strictObject({ ref: z.string(), sha: ObjectId, tree: ObjectId }),
      message: z.string().max(4000),
      title: z.string().max(256),
      body: Text,
    }),
    result: z.strictObject({
      number: IssueNumber,
      nodeId: z.string(),
      head: ObjectId,
      draft: z.boolean(),
      branch: z.string(),
    }),
  },
  commit: {
    needed: true,
    body: CommitBody,
    result: z.discriminatedUnion('is', [
      z.strictObject({
        is: z.literal('committed'),
        commit: ObjectId,
        tree: ObjectId,
        diffSha256: Sha256,
        message: Sha256,
        verified: z.boolean(),
      }),
      z.strictObject({ is: z.literal('moved'), found: ObjectId.nullable() }),
      z.strictObject({ is: z.literal('different'), because: z.string().max(500) }),
    ]),
  },
  'look-at-source': {
    needed: false,
    body: z.strictObject({ number: IssueNumber }),
    /** `head` is null where the pull request is gone. */
    result: z.strictObject({ head: ObjectId.nullable(), state: z.enum(['open', 'closed', 'merged', 'gone']) }),
  },
  'request-review': {
    needed: false,
    body: z.strictObject({
      number: IssueNumber,
      base: ObjectId,
      paths: z.array(z.string()),
      approvers: z.array(z.string()),
      not: ForeignId,
      /** Whoever wrote the change, where that is somebody else than who asked for it. */
      nor: ForeignId.exactOptional(),
    }),
    result: z.strictObject({ requested: z.int().min(0) }),
  },
  observe: {
    needed: true,
    body: z.strictObject({
      purpose: z.enum(['dispatch', 'delivery']),
      number: IssueNumber,
      base: ObjectId,
      branch: z.string(),
      paths: z.array(z.string()),
      /** Patterns of declared outputs. */
      globs: z.array(z.string()).min(1).exactOptional(),
      reviews: z.array(z.strictObject({ reviewId: z.string(), userId: ForeignId, words: Sha256 })),
      requester: z.strictObject({ userId: ForeignId, words: Sha256 }),
      requestComment: z.string().nullable(),
    }),
    result: z.strictObject({
      head: ObjectId.nullable(),
      state: z.enum(['open', 'closed']),
      reviews: z.array(
        z.strictObject({
          reviewId: z.string(),
          userId: ForeignId,
          state: z.enum(['approved', 'changes_requested', 'commented', 'dismissed', 'absent']),
          commit: ObjectId.nullable(),
          role: HeldRole,
        }),
      ),
      /** What others say since the oldest of these reviews and have not taken back: that changes are needed. Absent where nobody does. */
      objections: z
        .array(z.strictObject({ reviewId: z.string(), by: Person }))
        .max(20)
        .exactOptional(),
      requesterRole: HeldRole,
      /** The branch that the pull request asks to be merged into, which people can change. */
      baseRef: z.string().max(300),
      baseHead: ObjectId,
      changedOnBase: z.array(z.string().max(4096)).max(200),
      manifest: Sha256,
    }),
  },
  dispatch: {
    needed: true,
    body: z.strictObject({ grant: Sha256, grantId: z.string(), purpose: z.enum(['dry-run', 'execute']) }),
    result: z.strictObject({ workflowRunId: z.string(), envelope: Sha256 }),
  },
  'cancel-job': {
    needed: false,
    body: z.strictObject({ workflowRunId: z.string() }),
    result: z.strictObject({}),
  },
  ready: {
    needed: false,
    body: z.strictObject({ nodeId: z.string(), number: IssueNumber }),
    result: z.strictObject({}),
  },
  close: {
    needed: false,
    body: z.strictObject({ number: IssueNumber, branch: z.string(), text: Text, heads: z.array(ObjectId) }),
    result: z.strictObject({ branchDeleted: z.boolean() }),
  },
  /** Puts the run's evidence as it stands, with a checkpoint of the log, on the repository's own ref for it. */
  'keep-evidence': {
    needed: false,
    body: z.strictObject({ phase: z.enum(['delivered', 'merged', 'closed', 'rolled_back']) }),
    result: z.strictObject({ commit: ObjectId }),
  },
  /** Tells the run that was rolled back, in its own stream. */
  'mark-rolled-back': {
    needed: false,
    body: z.strictObject({
      run: RunId,
      by: RunId,
      number: IssueNumber.nullable(),
      commit: ObjectId,
      asApproved: z.boolean(),
      paths: z.int().min(0),
      restored: z.int().min(0),
    }),
    result: z.strictObject({ is: z.enum(['marked', 'not-merged']) }),
  },
  timer: {
    needed: false,
    body: z.strictObject({
      name: z.enum(['answers', 'approval', 'claim', 'job', 'lock', 'lease', 'model']),
      about: z.string().max(64),
      at: Instant,
    }),
    result: z.strictObject({}),
  },
} as const

export type EffectKind = keyof typeof effectKinds
type Bodies = { readonly [K in EffectKind]: z.infer<(typeof effectKinds)[K]['body']> }
type Results = { readonly [K in EffectKind]: z.infer<(typeof effectKinds)[K]['result']> }
export type EffectBody<K extends EffectKind> = Bodies[K]
export type EffectResult<K extends EffectKind> = Results[K]

/** An effect as decided: its key follows from the event that intends it. */
export type Effect = { readonly [K in EffectKind]: { readonly kind: K; readonly body: EffectBody<K> } }[EffectKind]

export function isEffectKind(text: string): text is EffectKind {
  return Object.hasOwn(effectKinds, text)
}

const schemas: { readonly [K in EffectKind]: { readonly result: { parse(value: unknown): Results[K] } } } = effectKinds

/** Reads a performed effect's result by its kind. Throws ZodError when a performer broke its contract. */
export function parseResult<K extends EffectKind>(kind: K, result: unknown): EffectResult<K> {
  return schemas[kind].result.parse(result)
}
