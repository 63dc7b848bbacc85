import { plus } from '../../clock.ts'
import type { EffectResult } from '../../effects.ts'
import { budgetGate } from '../../gates/budget.ts'
import { type Asked, ask } from '../../gates/gate.ts'
import { hygieneGate } from '../../gates/hygiene.ts'
import { memoryPackGate } from '../../gates/memory-pack.ts'
import { modeGate } from '../../gates/mode.ts'
import { noFabricationGate } from '../../gates/no-fabrication.ts'
import { questionBudgetGate } from '../../gates/question-budget.ts'
import { questionEvidenceGate } from '../../gates/question-evidence.ts'
import { scopeGate } from '../../gates/scope.ts'
import { secretsGate } from '../../gates/secrets.ts'
import type { Sha256 } from '../../hash.ts'
import { nameUnder, readDocument } from '../../packs/documents.ts'
import { Examined } from '../../packs/examined.ts'
import { FabricationFacts } from '../../packs/fabrication-facts.ts'
import { Intent } from '../../packs/intent.ts'
import { MemoryPack } from '../../packs/memory-pack.ts'
import { Draft, Plan } from '../../packs/plan.ts'
import { AnswerPack, Questions } from '../../packs/question-pack.ts'
import { type SettledAnswer, settledAnswers } from '../../packs/settled-answers.ts'
import { assessRisk } from '../../risk.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf } from '../deliberation.ts'
import { told } from '../state.ts'
import { refuseRun } from './end.ts'
import { submitPlan } from './freeze.ts'
import { issueGrant } from './grants.ts'
import { modelNeeded } from './model.ts'
import { nextAfter } from './next.ts'

export function memorySettled(d: Deliberation, result: EffectResult<'collect-memory'>): void {
  const request = requestOf(d)
  const stopped = recordVerdicts(d, 'planning', [askMemory(d, result.pack, result.tree)])
  if (stopped !== undefined) return refuseRun(d, stopped.gate, stopped.because)
  d.decide('MemoryPinned', { pack: result.pack, tree: result.tree })
  if (request.planner.is === 'plan') submitPlan(d, readDocument(d.documents, request.planner.plan, Plan))
}

/** Red line 1, asked before planning and again before execution. */
export function askMemory(d: Deliberation, pinned: Sha256 | null, tree: string | null): Asked {
  const pack = pinned === null ? null : readDocument(d.documents, pinned, MemoryPack)
  const found = pinned === null ? null : nameUnder(d.documents, pinned, pack)
  return ask(memoryPackGate, { pinned, found, pack, base: { sha: requestOf(d).base.sha, tree } })
}

export function draftSettled(d: Deliberation, result: EffectResult<'draft'>): void {
  if (result.is === 'refused') return refuseRun(d, result.rule, result.because, result.next)
  if (result.is === 'needs-model') return modelNeeded(d, result)
  if (result.is === 'questions') return askPeople(d, readDocument(d.documents, result.questions, Questions))
  takeDraft(d, result)
}

/** Questions go to people only inside the mode's budget (red line 2); the run is then blocked until they answer. */
function askPeople(d: Deliberation, asked: Questions): void {
  const state = d.state()
  const { questions } = asked
  const { modes } = governedBy(d).policy
  const round = state.rounds + 1
  const deadline = plus(d.at, modes.answerHours * 3_600_000)
  const stopped = recordVerdicts(d, 'questions', [
    ask(questionBudgetGate, { mode: state.mode, round, asked: state.asked, questions, modes }),
    ask(questionEvidenceGate, { asked, comments: commentsOf(d) }),
  ])
  if (stopped !== undefined) return refuseRun(d, stopped.gate, stopped.because, nextAfter(d, stopped))
  d.decide('QuestionsAsked', {
    pack: d.quote({ v: 1, round, questions, deadline }),
    round,
    count: questions.length,
    deadline,
  })
}

/** The comments that belong to this run: the request, and what people said to it. */
function commentsOf(d: Deliberation): readonly string[] {
  const { answers, amendments } = d.state()
  const { via } = requestOf(d)
  return [
    ...(via.is === 'comment' ? [via.commentId] : []),
    ...answers.flatMap((sha256) => readDocument(d.documents, sha256, AnswerPack).commentId ?? []),
    ...amendments.map(({ commentId }) => commentId),
  ]
}

function takeDraft(d: Deliberation, made: Extract<EffectResult<'draft'>, { is: 'draft' }>): void {
  const state = d.state()
  const draft = readDocument(d.documents, made.draft, Draft)
  const facts = readDocument(d.documents, made.facts, FabricationFacts)
  const intent = readDocument(d.documents, told(state.intent, 'the intent'), Intent)
  const examined = readDocument(d.documents, made.examined, Examined)
  const { policy } = governedBy(d)
  const edits = draft.steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))
  const risk = assessRisk({ steps: draft.steps, edits, contents: draft.contents }, policy)
  const stopped = recordVerdicts(d, 'draft', [
    ask(noFabricationGate, { draft, facts, policy, expected: expectedOf(d) }),
    ask(hygieneGate, examined),
    ask(secretsGate, { secrets: examined.secrets, policy }),
    ask(scopeGate, { edits, policy }),
    ask(budgetGate, { edits, contents: draft.contents, limits: policy.limits }),
    ask(modeGate, { mode: state.mode, intent, draft, risk: risk.level }),
  ])
  if (stopped !== undefined) return refuseRun(d, stopped.gate, stopped.because, nextAfter(d, stopped))
  const conflicts = made.conflicts === undefined ? {} : { conflicts: made.conflicts }
  d.decide('DraftTaken', { draft: made.draft, facts: made.facts, ...conflicts })
  if (requestOf(d).venue === 'local' || state.pullRequest !== null) issueGrant(d, 'dry-run')
}

/** What a draft must have been made from: it is refused when it names anything else. */
function expectedOf(d: Deliberation): {
  readonly intent: Sha256
  readonly memory: Sha256
  readonly manifest: Sha256
  readonly base: string
  readonly answers: readonly SettledAnswer[]
} {
  const state = d.state()
  const request = requestOf(d)
  return {
    intent: told(state.intent, 'the intent'),
    memory: told(state.memory, 'the MemoryPack').pack,
    manifest: request.manifest,
    base: request.base.sha,
    answers: answersOf(d),
  }
}

/** The answers that a draft must rest on, all of them. */
export function answersOf(d: Deliberation): readonly SettledAnswer[] {
  return settledAnswers(d.documents, d.state().answers).map(({ answer }) => answer)
}

export function pullRequestOpened(d: Deliberation, result: EffectResult<'open-pull-request'>): void {
  d.decide('PullRequestOpened', { number: result.number, head: result.head })
  const state = d.state()
  if (state.open === null && state.draft !== null && state.grants.length === state.begunAnew.grants)
    issueGrant(d, 'dry-run')
}
