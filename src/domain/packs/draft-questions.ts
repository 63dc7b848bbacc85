import type { z } from 'zod'
import { cutText } from './cut-text.ts'
import type { EvidenceFact } from './evidence-facts.ts'
import { Question, Questions } from './question-pack.ts'

const Whole = Question.omit({ id: true })
type Whole = Readonly<z.infer<typeof Whole>>

/**
 * A question before it has its number. `about` names what the answer settles: `recipe`, `param:NAME` or a topic. Without
 * `path`, a path that is answered may be there or not.
 */
export type Ask = Omit<Whole, 'suggestions' | 'path'> & Partial<Pick<Whole, 'suggestions' | 'path'>>

const MAX_QUESTIONS = 50

/** Numbers questions q1, q2, …, cut to what a QuestionPack can hold; a topic is asked about once. */
export function questionsToPack(asks: readonly Ask[], factOf: (ref: string) => EvidenceFact): Questions {
  const seen = new Set<string>()
  const questions = asks
    .map(cutAsk)
    .filter(({ about }) => !seen.has(about) && seen.add(about))
    .slice(0, MAX_QUESTIONS)
  const evidence = [...new Set(questions.flatMap((ask) => ask.evidence))]
  return Questions.parse({
    v: 1,
    questions: questions.map((ask, i) => ({ id: `q${i + 1}`, ...ask })),
    evidence: evidence.map(factOf),
  })
}

/** Evidence is never left out for its length: a reference that cannot be cited whole resolves to nothing. */
function cutAsk(ask: Ask): Whole {
  return {
    type: ask.type,
    about: cutText(ask.about, 64),
    text: cutText(ask.text, 2000),
    impact: cutText(ask.impact, 1000),
    answer: ask.answer,
    choices: ask.choices.slice(0, 20).map((choice) => cutText(choice, 500)),
    suggestions: (ask.suggestions ?? []).slice(0, 10).map((one) => cutText(one, 500)),
    path: ask.answer === 'path' ? (ask.path ?? 'any') : null,
    default: ask.default === null ? null : cutText(ask.default, 2000),
    evidence: ask.evidence.map((ref) => cutText(ref, 500)).slice(0, 10),
    who: ask.who,
  }
}
