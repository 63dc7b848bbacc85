import type { Mode } from '../control/policy.ts'
import type { EffectKind, EffectResult } from '../effects.ts'
import type { Approval } from '../grant.ts'
import type { ObjectId, Sha256 } from '../hash.ts'
import type { EffectKey, Instant } from '../ids.ts'
import type { Lane } from '../packs/plan.ts'
import type { EventData } from './events.ts'
import type { ModelStanding } from './model-standing.ts'

export const phases = [
  'absent',
  'requested',
  'planning',
  'blocked',
  'proposed',
  'approved',
  'waiting_for_lock',
  'executing',
  'delivered',
  'merged',
  'closed',
  'rolled_back',
  'refused',
  'failed',
  'cancelled',
  'expired',
] as const

/** Where a run stands. It begins at `absent` and moves only through decisions. */
export type Phase = (typeof phases)[number]

const FINAL: ReadonlySet<Phase> = new Set(['closed', 'rolled_back', 'refused', 'failed', 'cancelled', 'expired'])

/** A final state: nothing that arrives changes it. `merged` is left only by a rollback. */
export function isFinal(phase: Phase): boolean {
  return FINAL.has(phase)
}

export type IssuedGrant = {
  readonly id: string
  readonly document: Sha256
  readonly purpose: 'draft' | 'dry-run' | 'execute'
  readonly expiresAt: Instant
  readonly use:
    | { readonly is: 'open' }
    | { readonly is: 'used'; readonly runnerKey: string; readonly job: string; readonly at: Instant }
    | { readonly is: 'revoked'; readonly because: string }
  readonly workflowRunId: string | null
  /** The signed receipts that its job handed over. */
  readonly receipts: readonly Sha256[]
}

/** How often the base moved under a plan, and what of the plan before may still count. */
export type Rebased = {
  readonly times: number
  /** What moved; null before the first time. */
  readonly last: EventData<'RunRebased'> | null
  /** What was approved of the plan before, until the next one is proposed. */
  readonly before: {
    readonly plan: Sha256
    readonly draft: Sha256
    readonly facts: Sha256
    readonly approvals: readonly Approval[]
    readonly commits: readonly ObjectId[]
  } | null
  /** The approvals that count on for the plan as it is now. */
  readonly carried: EventData<'ApprovalsCarried'> | null
  /** Where edits could not be carried over, so that planning began anew. */
  readonly conflicts: readonly string[]
}

/** A run as its events tell it. What has not happened is null or empty; `decide` never looks anywhere else. */
export type RunState = {
  readonly phase: Phase
  readonly seq: number
  /** The clock reading of the newest event. */
  readonly now: Instant | null
  readonly request: (EventData<'RequestReceived'> & { readonly at: Instant }) | null
  readonly intent: Sha256 | null
  readonly mode: Mode
  readonly memory: { readonly pack: Sha256; readonly tree: ObjectId } | null
  readonly open: {
    readonly pack: Sha256
    readonly round: number
    readonly deadline: Instant
    readonly ids: readonly string[] | null
  } | null
  readonly asked: number
  readonly rounds: number
  readonly packs: readonly Sha256[]
  readonly answers: readonly Sha256[]
  /** What was added to the request; `answers` is how many answers there were before. */
  readonly amendments: readonly {
    readonly words: Sha256
    readonly review: Sha256 | null
    readonly commentId: string
    readonly answers: number
  }[]
  /** A reviewer who has a say requests changes, and the approval could not be taken back at that moment. */
  readonly objection: EventData<'ObjectionKept'> | null
  /** What reviewers who have a say wrote when they asked for changes, each the words of one review. */
  readonly corrections: readonly Sha256[]
  /** Where planning last began anew, and how many Grants there were: what was begun before counts no more. */
  readonly begunAnew: { readonly seq: number; readonly grants: number }
  /** The model calls so far; null before the first. */
  readonly model: ModelStanding | null
  readonly draft: Sha256 | null
  readonly draftFacts: Sha256 | null
  readonly pullRequest: {
    readonly number: number
    readonly nodeId: string
    readonly draft: boolean
    readonly branch: string
  } | null
  /** The pull request that the draft was taken from, as it stood when the plan was made ready. */
  readonly source: EffectResult<'look-at-source'> | null
  readonly heads: readonly ObjectId[]
  /** Where the base branch stood when GitHub was last asked. */
  readonly baseSeen: ObjectId | null
  readonly grants: readonly IssuedGrant[]
  readonly plan: {
    readonly hash: Sha256
    readonly lane: Lane
    readonly delivery: Sha256 | null
    readonly examined: Sha256 | null
  } | null
  readonly proposed: EventData<'PlanProposed'> | null
  readonly approvals: readonly Approval[]
  readonly locks: { readonly token: number; readonly until: Instant } | null
  readonly waited: boolean
  /** Whom the run waits for; null where it does not. `at` is the place in the stream where it began this wait. */
  readonly wait: (EventData<'LockAwaited'> & { readonly at: number }) | null
  /** The place in the line that the run keeps from its first wait on. */
  readonly place: number | null
  readonly rebased: Rebased
  readonly delivery: {
    readonly document: Sha256
    readonly receipts: readonly Sha256[]
    readonly reproduced: boolean
  } | null
  /** Whether the delivery commit was asked for: it is asked for once. */
  readonly commitAsked: boolean
  readonly dryRun: { readonly document: Sha256; readonly receipts: readonly Sha256[] } | null
  readonly delivered: { readonly commit: ObjectId; readonly tree: ObjectId; readonly diffSha256: Sha256 } | null
  readonly verdicts: readonly { readonly at: string; readonly document: Sha256 }[]
  /** What was told of effects, the newest first. */
  readonly effects: EffectTold | null
  readonly reviewPack: Sha256 | null
  readonly merged: { readonly commit: ObjectId; readonly same: boolean; readonly traced: boolean } | null
  readonly end: { readonly rule: string; readonly because: string; readonly next: string } | null
  /** What was erased of the run; absent as long as nothing was. */
  readonly erased?: readonly Sha256[]
}

/** One thing told of an effect, after all that was told before: a long run has thousands, and a copy of none is made. */
export type EffectTold = {
  readonly key: EffectKey
  readonly standing: EffectStanding
  readonly before: EffectTold | null
}

/** What became of an effect that the run intended. */
export type EffectStanding =
  | { readonly is: 'intended' }
  | { readonly is: 'fired' }
  | { readonly is: 'performed'; readonly kind: EffectKind; readonly receipt: Sha256 }
  | { readonly is: 'failed'; readonly kind: EffectKind; readonly because: string }

export const absent: RunState = {
  phase: 'absent',
  seq: 0,
  now: null,
  request: null,
  intent: null,
  mode: 'semi_auto',
  memory: null,
  open: null,
  asked: 0,
  rounds: 0,
  packs: [],
  answers: [],
  amendments: [],
  objection: null,
  corrections: [],
  begunAnew: { seq: 0, grants: 0 },
  model: null,
  draft: null,
  draftFacts: null,
  pullRequest: null,
  source: null,
  heads: [],
  baseSeen: null,
  grants: [],
  plan: null,
  proposed: null,
  approvals: [],
  locks: null,
  waited: false,
  wait: null,
  place: null,
  rebased: { times: 0, last: null, before: null, carried: null, conflicts: [] },
  delivery: null,
  commitAsked: false,
  dryRun: null,
  delivered: null,
  verdicts: [],
  effects: null,
  reviewPack: null,
  merged: null,
  end: null,
}

/** A decision asked for something that no event has told: a bug, never a refusal. */
export class NotYet extends Error {
  override readonly name = 'NotYet'
}

/** How each effect stands, in the order in which they were intended. */
export function effectStandings({ effects }: Pick<RunState, 'effects'>): ReadonlyMap<EffectKey, EffectStanding> {
  const told: EffectTold[] = []
  for (let one = effects; one !== null; one = one.before) told.push(one)
  return new Map(told.toReversed().map(({ key, standing }) => [key, standing] as const))
}

/** The value that an earlier event must have told. */
export function told<T>(value: T | null, what: string): T {
  if (value === null) throw new NotYet(`${what} is not known yet`)
  return value
}

/** Whoever wrote the pull request that the draft is taken from, where that is known and not who asked. */
export function otherAuthor({ request }: RunState): { readonly id: string; readonly number: number } | null {
  const { planner, requester } = told(request, 'the request')
  if (planner.is !== 'pull-request' || planner.author === null || planner.author.id === requester.id) return null
  return { id: planner.author.id, number: planner.number }
}

/** Whether the record says that a blob was erased: one that is merely not there is a broken record. */
export function isErased({ erased = [] }: Pick<RunState, 'erased'>, sha256: Sha256): boolean {
  return erased.includes(sha256)
}

/** Whether an effect was intended before planning began anew, so that its result is of no use. */
export function isOvertaken(state: RunState, key: EffectKey): boolean {
  return Number(key.split('/')[1]) < state.begunAnew.seq
}

/** Since when what stands for the execution was measured, where that is the dry run; null where a job executes the plan. */
export function reusedSince({ delivery, dryRun, grants }: RunState): Instant | null {
  if (delivery === null || delivery.document !== dryRun?.document) return null
  return triedSince(grants)
}

/** When the dry run on record was claimed; null before there is one. */
export function triedSince(grants: RunState['grants']): Instant | null {
  const tried = grants.findLast(({ purpose, use }) => purpose === 'dry-run' && use.is === 'used')
  return tried?.use.is === 'used' ? tried.use.at : null
}

/** Whether no job was ever allowed to execute an approved plan, and nothing stands for one. */
export function isUntouched({ grants, delivery }: RunState): boolean {
  return delivery === null && grants.every(({ purpose }) => purpose !== 'execute')
}

export function currentGrant(state: RunState): IssuedGrant | null {
  return state.grants.at(-1) ?? null
}
