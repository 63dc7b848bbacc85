import type { Documents } from '../../packs/documents.ts'
import { type Deliberation, deliberate, type Ruling } from '../deliberation.ts'
import type { EventData, InputType, RunInput } from '../events.ts'
import type { RunState } from '../state.ts'
import { decideProof, decideReason } from './account.ts'
import { decideAmend } from './amend.ts'
import { decideAnswer } from './answer.ts'
import { decideReview } from './approval.ts'
import { decideDelivery } from './delivery.ts'
import { decideClaim } from './grants.ts'
import { decideFreed } from './locks.ts'
import { decideHead, decidePullRequestEnd, decideStop } from './people.ts'
import { decideRequest } from './request.ts'
import { decideRollback, decideRolledBack } from './rollback.ts'
import { decideSettled } from './settled.ts'
import { decideTimer } from './timer.ts'
import { decideUnlock } from './unlock.ts'

type DecideBy = { readonly [T in InputType]: (d: Deliberation, data: EventData<T>) => void }

const decideBy: DecideBy = {
  RequestReceived: decideRequest,
  EffectSettled: decideSettled,
  AnswerGiven: decideAnswer,
  AmendAsked: decideAmend,
  ReviewSeen: decideReview,
  StopAsked: decideStop,
  StatusAsked: (d, { number }) => d.decide('StatusShown', { number }),
  ProofAsked: decideProof,
  ReasonAsked: decideReason,
  HeadMoved: decideHead,
  PullRequestEnded: decidePullRequestEnd,
  RollbackAsked: decideRollback,
  RollbackMerged: decideRolledBack,
  CommentTampered: (d, { commentId, what }) => d.decide('CommentRestored', { commentId, what }),
  GrantClaimed: decideClaim,
  RunnerDelivered: decideDelivery,
  UnlockAsked: decideUnlock,
  LockFreed: decideFreed,
  BlobRedacted: (d) => d.decide('NothingFollows', { because: 'what was decided stays as it was' }),
  TimerFired: decideTimer,
}

/**
 * Decides what follows from one input, from nothing but the state that has taken it in and the documents it names; with a
 * ruling, what other rules would have said to it.
 */
export function decide(
  state: RunState,
  input: RunInput,
  recorded: Documents,
  ruling: Ruling | null = null,
): Deliberation {
  const d = deliberate(state, input.at, { recorded, ruling })
  apply(d, input)
  if (d.decisions.length === 0) d.decide('NothingFollows', { because: 'no rule asks for anything' })
  return d
}

function apply<T extends InputType>(d: Deliberation, input: { readonly type: T; readonly data: EventData<T> }): void {
  decideBy[input.type](d, input.data)
}
