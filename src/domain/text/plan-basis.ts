import { short } from '../hash.ts'
import { type Documents, readDocument, readWords } from '../packs/documents.ts'
import { Intent } from '../packs/intent.ts'
import { Words } from '../packs/people.ts'
import type { Plan } from '../packs/plan.ts'
import { AnswerPack } from '../packs/question-pack.ts'
import { settledAnswers } from '../packs/settled-answers.ts'
import { type RunState, told } from '../run/state.ts'
import { claimLines, hiddenBlocks, intentText } from './intent.ts'
import { fenced, folded, inline, limited, listed, sizeOf } from './markdown.ts'

const READ_AT_A_GLANCE = 1200
const MOST_ANSWERS = 5000
const MOST_ASSUMPTIONS = 2500
const MOST_CRITERIA = 3000
const MOST_WORDS = 300

/** The request as it was understood: whole where it is short, else its beginning and the whole below it, folded. */
export function requestText(state: RunState, documents: Documents): string {
  const intent = readDocument(documents, told(state.intent, 'the intent'), Intent)
  const whole = intentText(intent)
  if (sizeOf(whole) <= READ_AT_A_GLANCE)
    return [fenced(intent.goal), ...hiddenBlocks(intent), ...claimBlocks(intent)].join('\n\n')
  const hidden =
    intent.hidden.length === 0
      ? []
      : [`**The text hides something (${intent.hidden.length}):** it was not obeyed and is shown below.`]
  return [
    fenced(limited(intent.goal, READ_AT_A_GLANCE / 2)),
    ...hidden,
    folded('The whole request, with what was read from it and what is hidden in it', whole),
  ].join('\n\n')
}

/** What was read from the goal repeats it, so it is folded, unless one text contradicts another. */
function claimBlocks(intent: Intent): readonly string[] {
  const claims = claimLines(intent)
  if (claims.length === 0) return []
  const block = fenced(claims.join('\n'))
  return intent.overridden.length > 0
    ? ['**Read from it, with contradictions:**', block]
    : [folded('What was read from it', block)]
}

/** Whose change this is where a pull request was taken as the draft, and whether that one has gone on since. */
export function sourceLine(state: RunState, documents: Documents): readonly string[] {
  const { planner } = told(state.request, 'the request')
  if (planner.is !== 'pull-request') return []
  const { number, head, mergeBase, isFork, author } = planner
  const by = author === null ? '' : ` by ${inline(readWords(documents, author.words, Words).login)}`
  const taken = `**Taken from #${number}**${by}${isFork ? ', from a fork' : ''}, at \`${head}\` (since \`${short(mergeBase)}\`).`
  return [`${taken} ${sinceThen(state, number, head)}`, '']
}

function sinceThen({ source }: RunState, number: number, head: string): string {
  if (source === null) return `Whether #${number} has moved since could not be asked.`
  if (source.state !== 'open') return `#${number} is ${source.state} by now; this plan stays as it is.`
  if (source.head === head || source.head === null) return 'Nothing was pushed to it since.'
  return `It has moved to \`${source.head}\` since; what was pushed later is not in this plan. To take it: \`/agentos stop\`, then \`/agentos plan --from #${number}\`.`
}

/** What was asked and answered, with the steps that rest on each answer. */
export function answerLines(state: RunState, documents: Documents, plan: Plan): readonly string[] {
  const answers = settledAnswers(documents, state.answers)
  if (answers.length === 0) return []
  const names = new Map(state.answers.map((pack) => nameIn(documents, pack)))
  const lines = answers.map(({ answer, question, value }) => {
    const cited = plan.answers.find((one) => one.id === answer.id)?.steps ?? []
    const basis = cited.length === 0 ? '' : ` → ${cited.map((step) => `\`${step}\``).join(', ')}`
    const name = names.get(answer.author) ?? `user ${answer.author}`
    return `- ${words(question)} **${inline(name)} said** ${words(value)}${basis}`
  })
  return ['**Asked and answered**', '', ...listed(lines, MOST_ANSWERS, more('answers')), '']
}

function nameIn(documents: Documents, sha256: string): readonly [string, string] {
  const { author, words } = readDocument(documents, sha256, AnswerPack)
  return [author.id, readWords(documents, words, Words).login]
}

/** Which step proves what was asked for; what no step proves is for people to see. */
export function criterionLines(state: RunState, documents: Documents, { steps }: Plan): readonly string[] {
  const { criteria } = readDocument(documents, told(state.intent, 'the intent'), Intent)
  const lines = criteria.map(({ id, text }) => {
    const proving = steps.flatMap((step) => (step.is === 'verify' && step.criteria.includes(id) ? [step.id] : []))
    const proof = proving.length === 0 ? '**no step proves it**' : `proved by ${proving.map(inline).join(', ')}`
    return `- ${id} ${words(text)}: ${proof}`
  })
  return lines.length === 0 ? [] : ['**Asked for**', '', ...listed(lines, MOST_CRITERIA, more('criteria')), '']
}

export function assumptionLines({ assumptions }: Plan): readonly string[] {
  if (assumptions.length === 0) return []
  const lines = assumptions.map(({ about, text }) => `- ${inline(about)}: ${words(text)}`)
  return ['**Taken for granted**, nobody was asked', '', ...listed(lines, MOST_ASSUMPTIONS, more('assumptions')), '']
}

function words(text: string): string {
  return inline(text.length <= MOST_WORDS ? text : `${text.slice(0, MOST_WORDS)}…`)
}

/** The line that tells how much was left out of a list. */
export function more(nouns: string): (left: number) => string {
  return (left) => `- and ${left} more ${nouns}; the evidence has them all`
}
