import { Governed } from '../control/governed.ts'
import type { Sha256 } from '../hash.ts'
import { judgeRecorded } from '../packs/command-facts.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import { FabricationFacts } from '../packs/fabrication-facts.ts'
import { Intent } from '../packs/intent.ts'
import { Draft, Plan, type Step } from '../packs/plan.ts'
import type { StepAccount } from '../packs/review-pack.ts'
import { settledAnswers } from '../packs/settled-answers.ts'
import { isErased, type RunState, told } from '../run/state.ts'
import { stepAccounts } from '../run/step-accounts.ts'
import { inline, listed, prose } from './markdown.ts'
import { placesOf } from './places.ts'
import { editLine, purposeOf } from './plan-change.ts'
import { jobName } from './review-reasons.ts'
import { count, duration } from './words.ts'

const MOST_LINES = 8000
const MOST_NAMES = 3000
const MOST_TEXT = 300

/**
 * Why a step is in the plan: what it is for, what it cites, which entry of the policy lets it run, its risk and its result.
 * A draft whose dry run has not settled a plan, or failed to, is asked about in the same way.
 */
export function stepReasonText(state: RunState, documents: Documents, name: string): string {
  const hash = state.plan?.hash ?? state.draft
  if (hash === null)
    return `**There is no plan yet**, so it has no step \`${name}\`. Nothing was changed. Where the run stands: \`/agentos why\``
  if (isErased(state, hash))
    return `**The plan was erased**, so nothing can be told of step \`${name}\`. Where the run stands: \`/agentos why\``
  const made = madeAs(state, documents, hash)
  const step = made.steps.find(({ id }) => id === name)
  if (step === undefined) return unknown(made, name)
  const about = { state, documents, made, step }
  const lines = [
    ...purposeLines(about),
    ...citedLines(about),
    ...allowedLines(about),
    ...riskLines(about),
    ...resultLines(about),
    ...placeLine(state),
  ]
  const what = made.plan === null ? 'the draft' : 'the plan'
  return [`**Step \`${step.id}\`** of ${what} \`${hash}\``, listed(lines, MOST_LINES, more).join('\n')].join('\n\n')
}

/** What a plan and the draft before it have in common. */
type Made = Pick<Plan, 'steps' | 'answers' | 'drafter'> & { readonly plan: Plan | null }
type About = { readonly state: RunState; readonly documents: Documents; readonly made: Made; readonly step: Step }

function madeAs({ plan }: RunState, documents: Documents, hash: Sha256): Made {
  if (plan === null) return { ...readDocument(documents, hash, Draft), plan: null }
  const document = readDocument(documents, hash, Plan)
  return { ...document, plan: document }
}

const more = (left: number) => `- and ${left} more; the evidence has them all`

function unknown({ steps, plan }: Made, name: string): string {
  const names = listed(
    steps.map(({ id, is }) => `- \`${id}\` (${is})`),
    MOST_NAMES,
    more,
  )
  return [
    `**The ${plan === null ? 'draft' : 'plan'} has no step \`${name}\`.** Nothing was changed. Its ${count(steps.length, 'step')}:`,
    names.join('\n'),
    'Ask with `/agentos why STEP`.',
  ].join('\n\n')
}

function purposeLines({ state, documents, made, step }: About): readonly string[] {
  const { drafter } = made
  const origin = `- It was put there by ${drafter.is} ${inline(`${drafter.name}@${drafter.version}`)}`
  const check = factsOf(state, documents)?.checks.find((one) => one.step === step.id)
  return [
    step.is === 'edit'
      ? `- What it does: writes ${count(step.edits.length, 'file')}`
      : `- What it does: runs ${words(step.argv.join(' '))}`,
    ...(step.is === 'edit' ? step.edits.slice(0, 10).map((edit) => `  ${editLine(edit)}`) : []),
    ...(step.is === 'edit' ? [] : [`- What for: ${purposeOf(step)}`]),
    check === undefined ? origin : `${origin}, because ${prose(check.because)}`,
  ]
}

function factsOf(state: RunState, documents: Documents): FabricationFacts | null {
  const { draftFacts } = state
  if (draftFacts === null || isErased(state, draftFacts)) return null
  return readDocument(documents, draftFacts, FabricationFacts)
}

/** The spans of the request and the answers that the step rests on. */
function citedLines({ state, documents, made, step }: About): readonly string[] {
  const intent = told(state.intent, 'the intent')
  if (isErased(state, intent)) return ['- What was asked for was erased']
  const { criteria, scope, goal } = readDocument(documents, intent, Intent)
  const proved = step.is === 'verify' ? criteria.filter(({ id }) => step.criteria.includes(id)) : []
  const wanted =
    step.is === 'edit' ? scope.filter(({ text }) => step.edits.some(({ path }) => path.startsWith(text))) : []
  const spans = [...proved, ...wanted].map(
    ({ text, source, start, end }) =>
      `- It rests on the request: ${words(text)} (${source}, characters ${start} to ${end})`,
  )
  const answers = answerLines({ state, documents, made, step })
  return spans.length + answers.length === 0
    ? [`- It rests on the request as a whole: ${words(goal)}`]
    : [...spans, ...answers]
}

function answerLines({ state, documents, made, step }: About): readonly string[] {
  const cited = new Set(made.answers.filter(({ steps }) => steps.includes(step.id)).map(({ id }) => id))
  if (cited.size === 0) return []
  if (state.answers.some((pack) => isErased(state, pack)))
    return [`- It rests on ${count(cited.size, 'answer')} whose words were erased`]
  return settledAnswers(documents, state.answers)
    .filter(({ answer }) => cited.has(answer.id))
    .map(({ question, value }) => `- It rests on an answer: ${words(question)} ${words(value)}`)
}

/** Asked again of the recorded facts, as the gate was: the same entry answers. */
function allowedLines({ state, documents, step }: About): readonly string[] {
  if (step.is === 'edit') return ['- What lets it: the approval of exactly these bytes; edits run no command']
  const { policy } = readDocument(documents, told(state.request, 'the request').manifest, Governed)
  if (step.is === 'prepare') {
    const hosts = step.hosts.length === 0 ? 'no host' : step.hosts.map(inline).join(', ')
    return [`- What lets it: \`prepare\` of the policy lists this command; it may reach ${hosts}`]
  }
  const facts = factsOf(state, documents)
  if (facts === null) return ['- What lets it: the facts that it was judged by were erased']
  const { decision, rule, reasons } = judgeRecorded(step.argv, policy, { facts, step: step.id })
  const why = decision === 'allow' || reasons.length === 0 ? '' : `: ${prose(reasons.join('; '))}`
  return [`- What lets it: the policy’s entry ${inline(rule)} says ${decision.replaceAll('_', ' ')}${why}`]
}

/** The reasons of the plan's risk that are about this step. */
function riskLines({ made: { plan }, step }: About): readonly string[] {
  if (plan === null) return ['- Risk: it is told once the dry run has settled the plan']
  const own = new Set(step.is === 'edit' ? step.edits.map(({ path }) => path) : [step.argv.join(' ').slice(0, 1000)])
  const hosts = step.is === 'edit' || step.hosts === undefined ? [] : [step.hosts.join(', ').slice(0, 1000)]
  const reasons = plan.risk.reasons.filter(({ about }) => own.has(about) || hosts.includes(about))
  if (reasons.length === 0) return [`- Risk: nothing about this step; the plan’s is ${plan.risk.level}`]
  return reasons.map(({ rule, about }) => `- Risk: ${inline(rule)}, for ${words(about)}`)
}

function resultLines({ state, documents, made, step }: About): readonly string[] {
  const runs = stepAccounts(state, documents, made.plan).filter(({ id }) => id === step.id)
  return runs.length === 0 ? ['- Result: it did not run yet'] : runs.map(resultLine)
}

function resultLine(account: StepAccount): string {
  const { outcome, exitCode, durationMs, receipt } = account
  const exit = exitCode === undefined || exitCode === null ? '' : `, exit ${exitCode}`
  return `- Result in the ${jobName(account)}: ${prose(outcome)}${exit}, ${durationMs < 1000 ? `${durationMs} ms` : duration(durationMs)}; receipt \`${receipt}\``
}

function placeLine(state: RunState): readonly string[] {
  const head = state.proposed?.commit ?? null
  return head === null ? [] : [`- The whole plan: check \`agentos/plan\` on ${placesOf(state).commit(head)}`]
}

function words(text: string): string {
  return inline(text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`)
}
