import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { prose } from '../../text/markdown.ts'
import { andAuthor } from '../../text/standing.ts'
import type { DecisionType, EventData, RunDecision } from '../events.ts'
import { type RunState, told } from '../state.ts'
import { onAccountDeclined, onProof, onReason } from './account.ts'
import { onAmended } from './amend.ts'
import { say } from './card.ts'
import { atEnd, onDelivered, onMerged } from './ends.ts'
import { onLockAwaited, onLooked, onUnlocked } from './locks.ts'
import {
  commitPlan,
  lease,
  onDeliveryRequested,
  onDeliveryTaken,
  onGrantIssued,
  onGrantUsed,
  onMemoryPinned,
  onRequested,
  tryDraft,
} from './machine.ts'
import { onModelCallReserved, onModelCallSettled } from './model.ts'
import {
  onAnswers,
  onApprovalVoided,
  onApproved,
  onObjectionKept,
  onProposed,
  onPullRequest,
  onQuestions,
  onRestored,
  onStatus,
} from './people.ts'
import { onRebased } from './rebase.ts'
import { onRollbackDeclined, onRolledBack } from './rollback.ts'

/** What a reaction may look at: the state after the whole transition and the documents on record. */
export type Reaction<T extends DecisionType> = (
  state: RunState,
  data: EventData<T>,
  documents: Documents,
) => readonly Effect[]
type ReactBy = { readonly [T in DecisionType]: Reaction<T> }

const none = (): readonly Effect[] => []

const reactBy: ReactBy = {
  RunRequested: onRequested,
  IntentAmended: onAmended,
  AmendDeclined: (state, { because, rule, next }) =>
    say(
      state,
      'amend',
      `**Not amended**: ${prose(because)} (rule \`${rule}\`). Nothing was changed. Next: ${prose(next)}`,
    ),
  MemoryPinned: onMemoryPinned,
  QuestionsAsked: onQuestions,
  AnswersTaken: onAnswers,
  AnswerDeclined: (state, { because, rule }) => {
    const stands =
      state.phase === 'blocked'
        ? ' and the questions stay open. Reply with `/agentos answer` and one line a question.'
        : '.'
    return say(state, 'answer', `**Not taken**: ${prose(because)} (rule \`${rule}\`). Nothing was changed${stands}`)
  },
  ModelCallReserved: onModelCallReserved,
  ModelCallSettled: onModelCallSettled,
  DraftTaken: tryDraft,
  PullRequestOpened: onPullRequest,
  GrantIssued: onGrantIssued,
  GrantUsed: onGrantUsed,
  GrantRevoked: none,
  ClaimDeclined: none,
  PlanFrozen: commitPlan,
  PlanProposed: onProposed,
  ApprovalCounted: none,
  ApprovalDeclined: (state, { because, rule }) =>
    say(
      state,
      'review',
      `**This review does not count as an approval**: ${prose(because)} (rule \`${rule}\`). Nothing was started. Someone with the right to approve, other than the requester${andAuthor(state)}, approves this pull request on the plan commit.`,
    ),
  ApprovalVoided: onApprovalVoided,
  ObjectionKept: onObjectionKept,
  RunApproved: onApproved,
  LocksTaken: lease,
  LocksRenewed: lease,
  LocksReleased: none,
  LockAwaited: onLockAwaited,
  LookedAgain: onLooked,
  RunUnlocked: onUnlocked,
  UnlockDeclined: (state, { because, rule, next }) =>
    say(
      state,
      'unlock',
      `**Not unlocked**: ${prose(because)} (rule \`${rule}\`). Nothing was changed. Next: ${prose(next)}`,
    ),
  RunRebased: onRebased,
  ApprovalsCarried: none,
  DeliveryTaken: onDeliveryTaken,
  DryRunReused: none,
  DeliveryRequested: onDeliveryRequested,
  RunDelivered: onDelivered,
  GatesAsked: none,
  ReviewPackRecorded: none,
  RunMerged: onMerged,
  RunClosed: atEnd,
  RollbackDeclined: onRollbackDeclined,
  RunRolledBack: onRolledBack,
  RunRefused: atEnd,
  RunFailed: atEnd,
  RunCancelled: atEnd,
  RunExpired: atEnd,
  StopDeclined: (state, { because, rule }) =>
    say(
      state,
      'stop',
      `**Not stopped**: ${prose(because)} (rule \`${rule}\`). Nothing was changed. How the run stands: \`/agentos status\``,
    ),
  StatusShown: onStatus,
  ProofTold: onProof,
  ReasonTold: onReason,
  AccountDeclined: onAccountDeclined,
  CommentRestored: onRestored,
  NothingFollows: none,
  EffectsIntended: none,
}

/** The side effects that follow from one transition's decisions, in order. */
export function react(state: RunState, decisions: readonly RunDecision[], documents: Documents): readonly Effect[] {
  const effects = decisions.flatMap((decision) => reactTo(state, decision, documents))
  const { venue } = told(state.request, 'the request')
  return venue === 'local' ? effects.filter((effect) => LOCAL.has(effect.kind)) : effects
}

/** On a plain clone there is nobody to write to and nothing to wait for. */
const LOCAL: ReadonlySet<Effect['kind']> = new Set(['collect-memory', 'draft', 'ask-model', 'dispatch', 'commit'])

function reactTo<T extends DecisionType>(
  state: RunState,
  decision: { readonly type: T; readonly data: EventData<T> },
  documents: Documents,
): readonly Effect[] {
  return reactBy[decision.type](state, decision.data, documents)
}
