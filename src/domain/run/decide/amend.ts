import { authorityGate } from '../../gates/authority.ts'
import { ask } from '../../gates/gate.ts'
import { type Amendment, formIntent } from '../../packs/form-intent.ts'
import { readVisible } from '../../packs/intent-text.ts'
import { hasRole } from '../../packs/people.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf, wordsOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { currentGrant, isFinal, type RunState } from '../state.ts'
import { revokeGrants } from './grants.ts'
import { answersOf } from './planning.ts'

type Asked = EventData<'AmendAsked'>
/** Nothing is taken from anyone while nobody can tell whether AgentOS is switched on. */
export const UNREADABLE = {
  rule: 'control-plane',
  because: 'the control plane on the default branch is not valid',
} as const

type Fault = { readonly rule: string; readonly because: string; readonly next: string } | null

/**
 * The request changes within its run: a new version of the Intent, and whatever was planned, tried or approved from the
 * old one is void. Once a job holds the right to execute it is too late.
 */
export function decideAmend(d: Deliberation, asked: Asked): void {
  const fault = faultInAuthor(d, asked) ?? faultInPhase(d.state()) ?? faultInCount(d) ?? faultInWords(d, asked)
  if (fault !== null) return d.decide('AmendDeclined', { ...fault, commentId: asked.commentId })
  const job = jobUnderWay(d.state())
  letGo(d)
  const review = asked.review?.is === 'found' ? asked.review.words : null
  const amendments = [...d.state().amendments, { words: asked.words, review }]
  const intent = d.quote(intentOf(d, amendments))
  const version = amendments.length + 1
  d.decide('IntentAmended', { intent, version, words: asked.words, review, commentId: asked.commentId, job })
}

function faultInAuthor(d: Deliberation, { author, switched }: Asked): Fault {
  if (switched === 'unreadable') return { ...UNREADABLE, next: 'mend `.agentos/` on the default branch' }
  const { roles } = governedBy(d).policy
  const stopped = recordVerdicts(d, 'amend', [
    ask(authorityGate, {
      command: 'amend',
      person: author,
      needed: roles.amend,
      scheduled: false,
      enabled: switched === 'on',
    }),
  ])
  const next = 'someone with that role says it'
  return stopped === undefined ? null : { rule: stopped.gate, because: stopped.because, next }
}

const STOP = 'end the run with `/agentos stop` and ask anew with `/agentos plan`'

function faultInPhase(state: RunState): Fault {
  const { phase, plan, proposed, grants, commitAsked } = state
  if (isFinal(phase) || phase === 'delivered' || phase === 'merged')
    return { rule: 'phase', because: `the run is ${phase}`, next: 'ask anew with `/agentos plan`' }
  if (commitAsked) return { rule: 'phase', because: 'what was approved is being delivered already', next: STOP }
  if (phase === 'executing' && grants.at(-1)?.use.is !== 'open')
    return {
      rule: 'phase',
      because: 'a job has claimed the Grant already, so the approved plan is being executed',
      next: STOP,
    }
  if (plan !== null && proposed === null)
    return { rule: 'phase', because: 'the plan is just being put on the branch', next: 'say it again in a moment' }
  return null
}

function faultInCount(d: Deliberation): Fault {
  const { maxAmendments } = governedBy(d).policy.modes
  if (d.state().amendments.length < maxAmendments) return null
  const because = `the request was amended ${d.state().amendments.length} times; the policy allows ${maxAmendments}`
  return { rule: 'amendments', because, next: STOP }
}

function faultInWords(d: Deliberation, asked: Asked): Fault {
  const { text, params } = wordsOf(d, asked.words)
  const isSet = Object.keys(params).length > 0
  const fixed = fixedDraft(d)
  if (fixed.is === 'recipe' && !isSet) {
    const next = 'give the parameters their new values: `/agentos amend --set NAME=VALUE`'
    return { rule: 'amend', because: 'the plan follows a recipe, so only its parameters change it', next }
  }
  if (fixed.is !== 'recipe' && isSet)
    return {
      rule: 'amend',
      because: 'the run follows no recipe whose parameters could be set',
      next: 'say it in words',
    }
  if (fixed.is === 'change')
    return { rule: 'amend', because: `the plan is ${fixed.what}, which words do not change`, next: STOP }
  const fault = faultInReview(d, asked)
  if (fault !== null) return fault
  const isSaid = isSet || readVisible(text).visible !== '' || asked.review !== null
  return isSaid ? null : { rule: 'amend', because: 'nothing in it is visible', next: 'write what should be different' }
}

type Fixed = { readonly is: 'words' } | { readonly is: 'recipe' } | { readonly is: 'change'; readonly what: string }

/** What the plan is made from, where that is not the words of the request. */
function fixedDraft(d: Deliberation): Fixed {
  const { planner } = requestOf(d)
  if (planner.is === 'recipe' || answersOf(d).some(({ about }) => about === 'recipe')) return { is: 'recipe' }
  if (planner.is === 'pull-request') return { is: 'change', what: `the change of #${planner.number}` }
  return planner.is === 'words' ? { is: 'words' } : { is: 'change', what: 'a change that was given whole' }
}

/** A review is taken in when it asks for changes of this very plan, and comes from someone whose answer would count. */
function faultInReview(d: Deliberation, { review }: Asked): Fault {
  const next = 'request changes on the plan commit with comments on its lines, then say it again'
  if (review === null) return null
  if (review.is === 'absent') return { rule: 'review', because: review.because, next }
  const { roles } = governedBy(d).policy
  if (review.author.kind !== 'User' || !hasRole(review.author.role, roles.answer))
    return {
      rule: 'authority',
      because: `the reviewer has ${review.author.role}; an answer needs ${roles.answer}`,
      next,
    }
  if (review.state !== 'changes_requested')
    return { rule: 'review', because: 'the review does not request changes', next }
  if (review.commit === null || review.commit !== d.state().proposed?.commit)
    return { rule: 'review', because: 'the review is not of the plan as it stands', next }
  return review.comments === 0 ? { rule: 'review', because: 'the review has no comments on lines', next } : null
}

/** The workflow run whose result nobody waits for any more; one that has delivered is over by itself. */
function jobUnderWay(state: RunState): string | null {
  const grant = currentGrant(state)
  const isOver = grant === null || grant.use.is === 'revoked' || (grant.purpose === 'dry-run' && state.plan !== null)
  return isOver ? null : grant.workflowRunId
}

/** Nothing that comes late may count for the new request. */
function letGo(d: Deliberation): void {
  const { locks, approvals } = d.state()
  revokeGrants(d, 'the request was changed')
  if (locks !== null) d.decide('LocksReleased', { token: locks.token })
  if (approvals.length > 0) d.decide('ApprovalVoided', { rule: 'amend', because: 'the request was changed' })
}

function intentOf(d: Deliberation, amendments: readonly { readonly words: string; readonly review: string | null }[]) {
  const request = requestOf(d)
  const read = amendments.map(
    ({ words, review }): Amendment => ({
      words: wordsOf(d, words),
      review: review === null ? null : wordsOf(d, review),
    }),
  )
  const recipe = request.planner.is === 'recipe' ? request.planner.name : null
  const about = { mode: d.state().mode, requester: request.requester.id, recipe, amendments: read }
  return formIntent(wordsOf(d, request.words), about)
}
