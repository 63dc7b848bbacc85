import type { QuestionPack } from '../packs/question-pack.ts'
import { fenced, inline } from './markdown.ts'

/** The questions of one round, answerable by one reply. */
export function questionsText(pack: QuestionPack, open: readonly string[] | null): string {
  const questions = pack.questions.filter((question) => open === null || open.includes(question.id))
  const blocks = questions.map((question) =>
    [
      `**${question.id}** (${question.type}) ${inline(question.text)}`,
      question.impact === '' ? '' : `  Why it matters: ${inline(question.impact)}`,
      question.choices.length === 0 ? '' : `  One of: ${question.choices.map(inline).join(', ')}`,
      question.default === null
        ? ''
        : `  Default, taken only when you write \`${question.id}: default\`: ${inline(question.default)}`,
      question.evidence.length === 0 ? '' : `  Seen in: ${question.evidence.map(inline).join(', ')}`,
    ]
      .filter((line) => line !== '')
      .join('\n'),
  )
  const reply = [
    '/agentos answer',
    ...questions.map((question) => `${question.id}: ${question.default === null ? '…' : 'default'}`),
  ]
  return [
    `**Blocked: ${questions.length === 1 ? '1 question' : `${questions.length} questions`}** · round ${pack.round} · expires ${pack.deadline}`,
    '',
    ...blocks,
    '',
    'Nothing is guessed and nothing runs until you answer. Reply with one line a question:',
    fenced(reply.join('\n')),
    'A question left out stays open.',
  ].join('\n')
}
