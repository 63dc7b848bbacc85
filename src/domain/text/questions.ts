import type { Question, QuestionPack } from '../packs/question-pack.ts'
import { fenced, inline } from './markdown.ts'

/** The questions of one round, answerable by one reply. */
export function questionsText(pack: QuestionPack, open: readonly string[] | null): string {
  const questions = pack.questions.filter((question) => open === null || open.includes(question.id))
  const reply = [
    '/agentos answer',
    ...questions.map((question) => `${question.id}: ${question.default === null ? '…' : 'default'}`),
  ]
  return [
    `**Blocked: ${questions.length === 1 ? '1 question' : `${questions.length} questions`}** · round ${pack.round} · expires ${pack.deadline}`,
    '',
    ...questions.map(questionText),
    '',
    'Nothing is guessed and nothing runs until you answer. Reply with one line a question:',
    fenced(reply.join('\n')),
    'A question left out stays open; no default is taken unless someone says so. Indent the further lines of a long answer.',
  ].join('\n')
}

function questionText(question: Question): string {
  const { id, type, text, impact, choices, suggestions, evidence } = question
  return [
    `**${id}** (${type}) ${inline(text)}`,
    ...(impact === '' ? [] : [`  Why it matters: ${inline(impact)}`]),
    `  ${form(question)}`,
    ...(choices.length === 0 ? [] : [`  One of: ${choices.map(inline).join(', ')}`]),
    ...(suggestions.length === 0 ? [] : [`  For example: ${suggestions.map(inline).join(', ')}`]),
    ...(question.default === null
      ? []
      : [`  Default, taken only when you write \`${id}: default\`: ${inline(question.default)}`]),
    ...(evidence.length === 0 ? [] : [`  Seen in: ${evidence.map(inline).join(', ')}`]),
  ].join('\n')
}

const FORMS: { readonly [A in Question['answer']]: string } = {
  text: 'in words',
  choice: 'with one of the choices',
  boolean: 'with yes or no',
  number: 'with a whole number',
  path: 'with a path inside the repository',
}
const PATHS = { existing: ' that exists', new: ' where nothing is yet', any: '' } as const
const PEOPLE: { readonly [W in Question['who']]: string } = {
  'anyone-with-role': 'Anyone with the right to answer',
  requester: 'The requester alone',
  'code-owners': 'A code owner of what it is about',
  maintain: 'Someone with the role maintain',
  admin: 'Someone with the role admin',
}

function form({ who, answer, path }: Question): string {
  return `${PEOPLE[who]} answers ${FORMS[answer]}${path === null ? '' : PATHS[path]}.`
}
