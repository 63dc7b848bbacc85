import { Governed } from '../../control/governed.ts'
import { approvalsNeeded } from '../../control/policy.ts'
import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { readDocument } from '../../packs/documents.ts'
import { QuestionPack } from '../../packs/question-pack.ts'
import { cardText } from '../../text/card.ts'
import { prose } from '../../text/markdown.ts'
import { modelText } from '../../text/model-use.ts'
import { planCheck, planComment, planIn } from '../../text/plan.ts'
import { questionsText } from '../../text/questions.ts'
import type { EventData } from '../events.ts'
import { modelUsed } from '../model-standing.ts'
import { otherAuthor, type RunState, told } from '../state.ts'
import { card, say } from './card.ts'
import { draft, observe } from './intend.ts'
import { openPullRequest } from './pull-request.ts'

export function onQuestions(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  if (state.pullRequest === null) return [openPullRequest(state, documents), ...card(state, documents)]
  return questionEffects(state, documents)
}

export function onPullRequest(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  return state.open === null ? card(state, documents) : questionEffects(state, documents)
}

function questionEffects(state: RunState, documents: Documents): readonly Effect[] {
  const open = told(state.open, 'the questions')
  const { number } = told(state.pullRequest, 'the pull request')
  const pack = readDocument(documents, open.pack, QuestionPack)
  const used = modelText(modelUsed(state.model))
  const text = `${questionsText(pack, open.ids)}${used === '' ? '' : `\n\n${used}`}`
  return [
    { kind: 'comment', body: { number, role: 'questions', text } },
    {
      kind: 'check',
      body: {
        name: 'agentos/plan',
        head: told(state.heads.at(-1) ?? null, 'the branch'),
        status: 'completed',
        conclusion: 'action_required',
        title: `Blocked: ${pack.questions.length === 1 ? '1 question is' : `${pack.questions.length} questions are`} open`,
        summary: text,
        text: '',
      },
    },
    { kind: 'label', body: { number, set: 'agentos:blocked' } },
    ...card(state, documents),
    { kind: 'timer', body: { name: 'answers', about: open.pack, at: open.deadline } },
  ]
}

export function onAnswers(state: RunState, data: EventData<'AnswersTaken'>, documents: Documents): readonly Effect[] {
  if (data.open.length > 0)
    return [
      ...say(
        state,
        'answer',
        `**Taken.** Still open: ${data.open.join(', ')}. Reply with \`/agentos answer\` and a line for each.`,
      ),
      ...card(state, documents),
    ]
  const { pullRequest } = state
  const label: readonly Effect[] =
    pullRequest === null ? [] : [{ kind: 'label', body: { number: pullRequest.number, set: null } }]
  return [...label, ...card(state, documents), draft(state, documents)]
}

/** The binding text first, then its repetition, then the people who are asked. */
export function onProposed(state: RunState, data: EventData<'PlanProposed'>, documents: Documents): readonly Effect[] {
  if (data.commit === null || state.pullRequest === null) return []
  const { number } = state.pullRequest
  const { needed } = approvalOf(state, documents)
  return [
    ...bindingCheck(state, documents),
    { kind: 'comment', body: { number, role: 'plan', text: planComment(state, documents, needed) } },
    ...(state.rebased.carried === null ? [askForReview(state, documents), reviewLabel(number)] : []),
    ...card(state, documents),
    approvalTimer(state, data.deadline),
  ]
}

/** The binding text on the plan commit: green only where an approval was carried over to it. */
function bindingCheck(state: RunState, documents: Documents): readonly Effect[] {
  const head = state.proposed?.commit ?? null
  if (head === null) return []
  const conclusion = state.rebased.carried === null ? 'action_required' : 'success'
  const body = planCheck(state, documents, approvalOf(state, documents).needed)
  return [{ kind: 'check', body: { name: 'agentos/plan', head, status: 'completed', conclusion, ...body } }]
}

/** Who is asked to approve the plan, and how many of them must. */
function approvalOf(state: RunState, documents: Documents) {
  const { approve } = readDocument(documents, told(state.request, 'the request').manifest, Governed).policy
  const plan = planIn(state, documents)
  return { plan, approvers: [...(approve.approvers ?? [])], needed: approvalsNeeded(approve, plan.lane) }
}

function askForReview(state: RunState, documents: Documents): Effect {
  const { plan, approvers } = approvalOf(state, documents)
  const { number } = told(state.pullRequest, 'the pull request')
  const { requester } = told(state.request, 'the request')
  const author = otherAuthor(state)
  const nor = author === null ? {} : { nor: author.id }
  const paths = plan.edits.map((edit) => edit.path)
  return {
    kind: 'request-review',
    body: { number, base: plan.base.sha, paths, approvers, not: requester.id, ...nor },
  }
}

function reviewLabel(number: number): Effect {
  return { kind: 'label', body: { number, set: 'agentos:review' } }
}

export function onApproved(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  if (state.pullRequest === null) return []
  return [observe(state, documents, 'dispatch'), ...card(state, documents)]
}

export function onApprovalVoided(
  state: RunState,
  data: EventData<'ApprovalVoided'>,
  documents: Documents,
): readonly Effect[] {
  if (state.end !== null || state.pullRequest === null || state.phase === 'planning') return []
  const { number } = state.pullRequest
  return [
    ...say(
      state,
      'review',
      `**Approval void**: ${prose(data.because)} (rule \`${data.rule}\`). Nothing was executed. A new approving review on the plan commit continues the run.`,
    ),
    ...(data.carried === true ? [...bindingCheck(state, documents), askForReview(state, documents)] : []),
    reviewLabel(number),
    ...card(state, documents),
    ...(data.deadline === undefined ? [] : [approvalTimer(state, data.deadline)]),
  ]
}

function approvalTimer(state: RunState, at: string): Effect {
  return { kind: 'timer', body: { name: 'approval', about: told(state.plan, 'the plan').hash, at } }
}

export function onObjectionKept(state: RunState): readonly Effect[] {
  return say(
    state,
    'review',
    '**Noted: a reviewer requests changes.** What is under way goes on, but the approval counts for no further job and for no other base. To end the run say `/agentos stop`.',
  )
}

export function onStatus(state: RunState, data: EventData<'StatusShown'>, documents: Documents): readonly Effect[] {
  return [{ kind: 'comment', body: { number: data.number, role: 'status', text: cardText(state, documents) } }]
}

export function onRestored(
  state: RunState,
  data: EventData<'CommentRestored'>,
  documents: Documents,
): readonly Effect[] {
  const note = `**A comment of AgentOS was ${data.what} by someone else.** It is written again from the log; what binds is the check run \`agentos/plan\`.`
  if (state.phase !== 'proposed') return [...say(state, 'restored', note), ...card(state, documents)]
  const { needed } = approvalOf(state, documents)
  return [...say(state, 'restored', `${note}\n\n${planComment(state, documents, needed)}`), ...card(state, documents)]
}
