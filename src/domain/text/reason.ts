import { gates } from '../gates/index.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import { Plan } from '../packs/plan.ts'
import { QuestionPack } from '../packs/question-pack.ts'
import { Verdicts } from '../packs/verdicts.ts'
import { isErased, type RunState } from '../run/state.ts'
import { fenced, inline, listed, prose } from './markdown.ts'
import { placesOf } from './places.ts'
import { choosesLane } from './review-reasons.ts'
import { standingInMarkdown } from './standing.ts'
import { count } from './words.ts'

const MOST_REASONS = 6000
const MOST_NAMES = 2000

/** Why the run is where it is: what the gates said last, what it waits for, who acts next, and what else can be asked. */
export function reasonText(state: RunState, documents: Documents): string {
  const { headline, next, say } = standingInMarkdown(state, documents)
  return [
    headline,
    listed(reasonLines(state, documents), MOST_REASONS, (left) => `- and ${left} more; the evidence has them all`).join(
      '\n',
    ),
    `**Who acts next:** ${next}${say === null ? '.' : ':'}`,
    ...(say === null ? [] : [fenced(say)]),
    ...stepsToAskFor(state, documents),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function reasonLines(state: RunState, documents: Documents): readonly string[] {
  return [...questionLines(state, documents), ...verdictLines(state, documents), ...placeLines(state)]
}

/** Whoever may ask, stop or unlock says nothing about why the run stands where it does. */
const ABOUT_PEOPLE: ReadonlySet<string> = new Set(['prove', 'why', 'stop', 'unlock', 'rollback', 'amend', 'end'])

function verdictLines(state: RunState, documents: Documents): readonly string[] {
  const { verdicts, end } = state
  const about = verdicts.filter(({ at }) => !ABOUT_PEOPLE.has(at) && !choosesLane(at))
  const last = about.at(-1)
  if (last === undefined) return ['- No gate was asked yet']
  if (isErased(state, last.document)) return [`- What the gates said at \`${last.at}\` was erased`]
  const { at, asked } = readDocument(documents, last.document, Verdicts)
  const stopped = asked.filter(({ is }) => is !== 'passed')
  if (stopped.length > 0)
    return stopped.map(
      ({ gate, is, because }) => `- Gate \`${gate}\` said **${is}** at \`${at}\`: ${prose(because)}${titleOf(gate)}`,
    )
  if (end !== null) return [`- No gate stopped it: the rule \`${end.rule}\` did`]
  return asked.map(({ gate, because }) => `- Gate \`${gate}\` passed at \`${at}\`: ${prose(because)}`)
}

function titleOf(name: string): string {
  const gate = gates.find((one) => one.name === name)
  if (gate === undefined) return ''
  return `. It guards ${gate.redLine === null ? 'this' : `red line ${gate.redLine}`}: *${gate.title}*`
}

function questionLines(state: RunState, documents: Documents): readonly string[] {
  const { open } = state
  if (open === null) return []
  if (isErased(state, open.pack)) return ['- Questions are open, and their words were erased']
  const { questions } = readDocument(documents, open.pack, QuestionPack)
  const left = questions.filter(({ id }) => open.ids === null || open.ids.includes(id))
  return left.map(
    ({ id, type, text, impact }) =>
      `- Question ${id} (${type}) is open: ${inline(text)}${impact === '' ? '' : `, because ${inline(impact)}`}`,
  )
}

/** Where a reader sees it with their own eyes. */
function placeLines(state: RunState): readonly string[] {
  const { request, review, commit, page } = placesOf(state)
  const head = state.delivered?.commit ?? state.proposed?.commit ?? null
  return [
    `- It began with ${request}`,
    ...state.approvals.map(
      ({ reviewId, commit: on }) => `- ${review(reviewId)} counts${on === null ? '' : `, given on ${commit(on)}`}`,
    ),
    ...(head === null ? [] : [`- The checks \`agentos/plan\` and \`agentos/review\` are on ${commit(head)}`]),
    ...(page === null ? [] : [`- Every event is on ${page} (it asks for the read token)`]),
  ]
}

function stepsToAskFor(state: RunState, documents: Documents): readonly string[] {
  const { plan } = state
  if (plan === null || isErased(state, plan.hash)) return []
  const { steps } = readDocument(documents, plan.hash, Plan)
  const names = listed(
    steps.map(({ id }) => `\`${id}\``),
    MOST_NAMES,
    (left) => `and ${left} more`,
  )
  return [`To ask about one of ${count(steps.length, 'step')} say \`/agentos why STEP\`: ${names.join(', ')}.`]
}
