import type { z } from 'zod'
import { cutText } from './cut-text.ts'
import { Question, Questions } from './question-pack.ts'

/** A question before it has its number. `about` names what the answer settles: `recipe`, `param:NAME` or a topic. */
export const Ask = Question.omit({ id: true })
export type Ask = Readonly<z.infer<typeof Ask>>

const MAX_QUESTIONS = 50

/** Numbers questions q1, q2, …, cut to what a QuestionPack can hold; a topic is asked about once. */
export function questionsToPack(asks: readonly Ask[]): Questions {
  const seen = new Set<string>()
  const questions = asks.map(cutAsk).filter(({ about }) => !seen.has(about) && seen.add(about))
  return Questions.parse({
    v: 1,
    questions: questions.slice(0, MAX_QUESTIONS).map((ask, i) => ({ id: `q${i + 1}`, ...ask })),
  })
}

function cutAsk(ask: Ask): Ask {
  return {
    type: ask.type,
    about: cutText(ask.about, 64),
    text: cutText(ask.text, 2000),
    impact: cutText(ask.impact, 1000),
    answer: ask.answer,
    choices: ask.choices.slice(0, 20).map((choice) => cutText(choice, 500)),
    default: ask.default === null ? null : cutText(ask.default, 2000),
    evidence: ask.evidence.filter((ref) => ref.length <= 500).slice(0, 10),
    who: ask.who,
  }
}
