import { type EffectKind, isEffectKind, parseResult } from '../effects.ts'
import type { Sha256 } from '../hash.ts'
import type { EffectKey, Instant } from '../ids.ts'
import { isCorrection } from '../memory/correction.ts'
import type { EventEnvelope } from './envelope.ts'
import { type EventData, isRunEventType, parseData, type RunEventType } from './events.ts'
import { callReserved, callSettled } from './model-standing.ts'
import { absent, type EffectStanding, type IssuedGrant, type RunState, told } from './state.ts'

/** A stream holds an event that this engine does not know: it cannot be folded, so nothing is decided. */
export class UnknownEvent extends Error {
  override readonly name = 'UnknownEvent'
}

type Fold = { readonly [T in RunEventType]: (state: RunState, data: EventData<T>, at: Instant) => RunState }

const foldBy: Fold = {
  RequestReceived: (state, data, at) => ({ ...state, phase: 'requested', request: { ...data, at } }),
  EffectSettled: (state, data) => settle(state, data),
  AnswerGiven: (state) => state,
  AmendAsked: (state) => state,
  ReviewSeen: (state, data) =>
    isCorrection(data) ? { ...state, corrections: [...state.corrections, data.words] } : state,
  StopAsked: (state) => state,
  StatusAsked: (state) => state,
  ProofAsked: (state) => state,
  ReasonAsked: (state) => state,
  HeadMoved: (state) => state,
  PullRequestEnded: (state) => state,
  RollbackAsked: (state) => state,
  RollbackMerged: (state) => state,
  CommentTampered: (state) => state,
  GrantClaimed: (state) => state,
  RunnerDelivered: (state, { grant: id, fault, receipts }) =>
    fault === null ? withGrant(state, id, (grant) => withReceipts(grant, receipts)) : state,
  UnlockAsked: (state) => state,
  LockFreed: (state) => state,
  BlobRedacted: (state, { blobs }) => ({
    ...state,
    erased: [...(state.erased ?? []), ...blobs.map(({ sha256 }) => sha256)],
  }),
  TimerFired: (state, data) => withEffect(state, data.key, { is: 'fired' }),

  RunRequested: (state, data) => ({ ...state, phase: 'planning', intent: data.intent, mode: data.mode }),
  IntentAmended: amend,
  AmendDeclined: (state) => state,
  MemoryPinned: (state, data) => ({ ...state, memory: { pack: data.pack, tree: data.tree } }),
  QuestionsAsked: (state, data) => ({
    ...state,
    phase: 'blocked',
    open: { pack: data.pack, round: data.round, deadline: data.deadline, ids: null },
    rounds: data.round,
    asked: state.asked + data.count,
    packs: [...state.packs, data.pack],
  }),
  AnswersTaken: (state, data) => {
    const open = state.open === null || data.open.length === 0 ? null : { ...state.open, ids: data.open }
    return { ...state, phase: open === null ? 'planning' : 'blocked', open, answers: [...state.answers, data.answers] }
  },
  AnswerDeclined: (state) => state,
  ModelCallReserved: (state, data) => ({ ...state, model: callReserved(state.model, data) }),
  ModelCallSettled: (state, data) => ({ ...state, model: callSettled(state.model, data) }),
  DraftTaken: (state, data) => ({
    ...state,
    draft: data.draft,
    draftFacts: data.facts,
    rebased: { ...state.rebased, conflicts: data.conflicts ?? [] },
  }),
  PullRequestOpened: (state) => state,
  GrantIssued: (state, data) => ({
    ...state,
    phase: data.purpose === 'execute' ? 'executing' : state.phase,
    grants: [
      ...state.grants,
      {
        id: data.id,
        document: data.grant,
        purpose: data.purpose,
        expiresAt: data.expiresAt,
        use: { is: 'open' },
        workflowRunId: null,
        receipts: [],
      },
    ],
  }),
  GrantUsed: (state, data, at) =>
    withGrant(state, data.id, (grant) => ({
      ...grant,
      use: { is: 'used', runnerKey: data.runnerKey, job: data.job, at },
    })),
  GrantRevoked: (state, data) =>
    withGrant(state, data.id, (grant) => ({ ...grant, use: { is: 'revoked', because: data.because } })),
  ClaimDeclined: (state) => state,
  PlanFrozen: (state, data) => ({
    ...state,
    plan: { hash: data.plan, lane: data.lane, delivery: data.delivery, examined: data.examined },
    dryRun: data.delivery === null ? null : { document: data.delivery, receipts: data.receipts },
  }),
  PlanProposed: (state, data) => ({
    ...state,
    phase: 'proposed',
    proposed: data,
    approvals: [],
    objection: null,
    rebased: { ...state.rebased, before: null, carried: null },
  }),
  ApprovalCounted: (state, data) => ({
    ...state,
    approvals: [...state.approvals.filter((one) => one.userId !== data.approval.userId), data.approval],
  }),
  ApprovalDeclined: (state) => state,
  ApprovalVoided: (state, { deadline }) => ({
    ...state,
    phase: 'proposed',
    proposed: state.proposed === null || deadline === undefined ? state.proposed : { ...state.proposed, deadline },
    approvals: [],
    objection: null,
    wait: null,
    rebased: { ...state.rebased, carried: null },
  }),
  ObjectionKept: (state, objection) => ({ ...state, objection }),
  RunApproved: (state) => ({ ...state, phase: 'approved' }),
  LocksTaken: (state, data) => ({ ...state, locks: data, wait: null, place: null }),
  LocksRenewed: (state, data) => ({ ...state, locks: data }),
  LocksReleased: (state) => ({ ...state, locks: null }),
  LockAwaited: (state, data) => ({
    ...state,
    phase: 'waiting_for_lock',
    waited: true,
    wait: { ...data, at: state.seq },
    place: data.place ?? null,
  }),
  LookedAgain: (state) => state,
  RunUnlocked: (state) => ({ ...state, delivery: state.phase === 'executing' ? null : state.delivery }),
  UnlockDeclined: (state) => state,
  RunRebased: rebase,
  ApprovalsCarried: (state, data) => ({
    ...state,
    approvals: data.approvals,
    rebased: { ...state.rebased, carried: data },
  }),
  DeliveryTaken: (state, data) => ({
    ...state,
    delivery: { document: data.delivery, receipts: data.receipts, reproduced: data.reproduced },
  }),
  DryRunReused: (state, { delivery: document, reproduced }) => {
    const { receipts } = told(state.dryRun, 'the dry run')
    return { ...state, phase: 'executing', delivery: { document, receipts, reproduced } }
  },
  DeliveryRequested: (state) => ({ ...state, commitAsked: true }),
  RunDelivered: (state, data) => ({ ...state, phase: 'delivered', delivered: data }),
  GatesAsked: (state, data) => ({ ...state, verdicts: [...state.verdicts, { at: data.at, document: data.verdicts }] }),
  ReviewPackRecorded: (state, data) => ({ ...state, reviewPack: data.pack }),
  RunMerged: (state, data) => ({ ...state, phase: 'merged', merged: data }),
  RunClosed: (state, { by }) => ({ ...state, phase: 'closed', end: by === undefined ? state.end : TAKEN_BACK }),
  RollbackDeclined: (state) => state,
  RunRolledBack: (state, { because, number }) => ({
    ...state,
    phase: 'rolled_back',
    end: { rule: 'rollback', because, next: bringBack(number) },
  }),
  RunRefused: (state, data) => ({ ...state, phase: 'refused', end: data }),
  RunFailed: (state, data) => ({ ...state, phase: 'failed', end: data }),
  RunCancelled: (state, data) => ({
    ...state,
    phase: 'cancelled',
    end: { rule: 'stop', because: data.because, next: data.next },
  }),
  RunExpired: (state, data) => ({
    ...state,
    phase: 'expired',
    end: { rule: 'deadline', because: data.because, next: data.next },
  }),
  StopDeclined: (state) => state,
  StatusShown: (state) => state,
  ProofTold: (state) => state,
  ReasonTold: (state) => state,
  AccountDeclined: (state) => state,
  CommentRestored: (state) => state,
  NothingFollows: (state) => state,
  EffectsIntended: (state, data) => {
    const { run } = told(state.request, 'the request')
    return Array.from({ length: data.count }, (_, ordinal) => `${run}/${state.seq}/${ordinal}`).reduce(
      (all, key) => withEffect(all, key, { is: 'intended' }),
      state,
    )
  },
}

const TAKEN_BACK = {
  rule: 'rollback',
  because: 'a person took it back before it was merged',
  next: 'say `/agentos plan` on the issue to begin anew',
}

function bringBack(number: number | null): string {
  return number === null ? 'ask for it anew' : `to bring the change back say \`/agentos rollback\` on #${number}`
}

/** The request is another: nothing that was made from it as it was is kept, but what people answered. */
function amend(state: RunState, { intent, words, review, commentId }: EventData<'IntentAmended'>): RunState {
  const { open, objection, place } = absent
  return {
    ...begunAnew(state),
    intent,
    amendments: [...state.amendments, { words, review, commentId, answers: state.answers.length }],
    open,
    objection,
    place,
    rebased: { ...absent.rebased, times: state.rebased.times },
  }
}

/** The run stands on another base. What was made from the one before is void; what was approved of it is compared later. */
function rebase(state: RunState, data: EventData<'RunRebased'>): RunState {
  const request = told(state.request, 'the request')
  const { from } = data
  const before = {
    plan: from.plan,
    draft: from.draft,
    facts: from.facts,
    approvals: state.approvals,
    commits: [...(state.rebased.carried?.commits ?? []), from.commit],
  }
  return {
    ...begunAnew(state),
    request: { ...request, base: data.base },
    rebased: { times: data.times, last: data, before, carried: null, conflicts: [] },
    memory: absent.memory,
  }
}

/** Planning begins again, and nothing that was drafted, tried, approved or executed before is left. */
function begunAnew(state: RunState): RunState {
  const { draft, draftFacts, plan, dryRun, proposed, approvals, waited, wait, delivery, commitAsked } = absent
  return {
    ...state,
    phase: 'planning',
    begunAnew: { seq: state.seq, grants: state.grants.length },
    model: state.model === null ? null : { ...state.model, again: null, transcript: [] },
    draft,
    draftFacts,
    plan,
    dryRun,
    proposed,
    approvals,
    waited,
    wait,
    delivery,
    commitAsked,
  }
}

/** Folds one event. Throws UnknownEvent on a type or version that this engine does not know. */
export function evolve(state: RunState, event: Pick<EventEnvelope, 'type' | 'v' | 'data' | 'at'>): RunState {
  if (!isRunEventType(event.type) || event.v !== 1) throw new UnknownEvent(`${event.type} v${event.v}`)
  return fold({ ...state, seq: state.seq + 1, now: event.at }, event.type, event)
}

export function foldRun(events: readonly Pick<EventEnvelope, 'type' | 'v' | 'data' | 'at'>[]): RunState {
  return events.reduce(evolve, absent)
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- T ties the table's row to the data that is parsed for it
function fold<T extends RunEventType>(state: RunState, type: T, event: Pick<EventEnvelope, 'data' | 'at'>): RunState {
  return foldBy[type](state, parseData(type, event.data), event.at)
}

function settle(state: RunState, data: EventData<'EffectSettled'>): RunState {
  const kind = data.effect
  if (!isEffectKind(kind)) throw new UnknownEvent(`an effect of kind ${kind}`)
  const { outcome } = data
  if (outcome.is === 'failed') return withEffect(state, data.key, { is: 'failed', kind, because: outcome.because })
  const performed = withEffect(state, data.key, { is: 'performed', kind, receipt: outcome.receipt })
  return remember(performed, kind, outcome.result)
}

function withEffect(state: RunState, key: EffectKey, standing: EffectStanding): RunState {
  return { ...state, effects: { key, standing, before: state.effects } }
}

/** What later decisions need of an effect's result. */
function remember(state: RunState, kind: EffectKind, result: unknown): RunState {
  if (kind === 'open-pull-request') {
    const { head, ...pullRequest } = parseResult(kind, result)
    return { ...state, pullRequest, heads: [...state.heads, head] }
  }
  if (kind === 'commit') {
    const committed = parseResult(kind, result)
    return committed.is === 'committed' ? { ...state, heads: [...state.heads, committed.commit] } : state
  }
  if (kind === 'observe') return { ...state, baseSeen: parseResult(kind, result).baseHead }
  if (kind === 'look-at-source') return { ...state, source: parseResult(kind, result) }
  if (kind === 'dispatch') {
    const { workflowRunId } = parseResult(kind, result)
    const last = state.grants.at(-1)
    return last === undefined ? state : withGrant(state, last.id, (grant) => ({ ...grant, workflowRunId }))
  }
  return state
}

/** What the job that used a Grant handed over first counts. */
function withReceipts(grant: IssuedGrant, receipts: readonly Sha256[]): IssuedGrant {
  return grant.use.is === 'used' && grant.receipts.length === 0 ? { ...grant, receipts } : grant
}

function withGrant(state: RunState, id: string, change: (grant: IssuedGrant) => IssuedGrant): RunState {
  return { ...state, grants: state.grants.map((grant) => (grant.id === id ? change(grant) : grant)) }
}
