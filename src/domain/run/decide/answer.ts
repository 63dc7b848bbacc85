import { authorityGate } from '../../gates/authority.ts'
import { ask } from '../../gates/gate.ts'
import { faultInAnswer } from '../../packs/answer.ts'
import { readDocument } from '../../packs/documents.ts'
import type { Words } from '../../packs/people.ts'
import { type Question, QuestionPack } from '../../packs/question-pack.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf, wordsOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { isFinal } from '../state.ts'

type Answer = EventData<'AnswerGiven'>

/** A reply to the open questions: taken whole, or declined whole with the reason. */
export function decideAnswer(d: Deliberation, answer: Answer): void {
  const { open, phase } = d.state()
  if (isFinal(phase)) return decline(d, answer, 'phase', `the run is ${phase}`)
  if (open === null) return decline(d, answer, 'no-question', 'no question is open')
  const pack = readDocument(d.documents, open.pack, QuestionPack)
  const stillOpen = pack.questions.filter((question) => open.ids === null || open.ids.includes(question.id))
  const words = wordsOf(d, answer.words)
  const fault =
    faultInAuthor(d, answer, answeredBy(words, stillOpen)) ?? faultInReply(d, answer, { pack, stillOpen, words })
  if (fault !== null) return decline(d, answer, fault.rule, fault.because)
  const given = answeredBy(words, stillOpen)
  const answers = d.keep({
    v: 1,
    pack: open.pack,
    author: answer.author,
    commentId: answer.commentId,
    words: answer.words,
    answers: given.map(({ id, about }) => ({ id, about })),
  })
  const left = stillOpen.filter((question) => !given.includes(question)).map((question) => question.id)
  d.decide('AnswersTaken', { answers, open: left })
}

type Fault = { readonly rule: string; readonly because: string } | null

function answeredBy({ params }: Words, stillOpen: readonly Question[]): readonly Question[] {
  return stillOpen.filter((question) => Object.hasOwn(params, question.id))
}

function faultInAuthor(d: Deliberation, answer: Answer, given: readonly Question[]): Fault {
  const request = requestOf(d)
  const { roles, enabled } = governedBy(d).policy
  const isRequester = answer.author.id === request.requester.id && answer.author.kind !== 'Bot'
  const reserved = given.filter((question) => question.who === 'requester').map((question) => question.id)
  if (!isRequester && reserved.length > 0)
    return { rule: 'authority', because: `for the requester alone: ${reserved.join(', ')}` }
  if (isRequester) return null
  const stopped = recordVerdicts(d, 'answer', [
    ask(authorityGate, { command: 'answer', person: answer.author, needed: roles.answer, scheduled: false, enabled }),
  ])
  return stopped === undefined ? null : { rule: stopped.gate, because: stopped.because }
}

function faultInReply(
  d: Deliberation,
  answer: Answer,
  {
    pack,
    stillOpen,
    words,
  }: { readonly pack: QuestionPack; readonly stillOpen: readonly Question[]; readonly words: Words },
): Fault {
  if (d.at > pack.deadline) return { rule: 'deadline', because: `the deadline was ${pack.deadline}` }
  const ids = Object.keys(words.params)
  if (!answer.wellFormed || ids.length === 0)
    return { rule: 'answer-form', because: 'the reply has no line like `q1: …`' }
  for (const id of ids) {
    const question = stillOpen.find((one) => one.id === id)
    if (question === undefined) {
      const known = pack.questions.some((one) => one.id === id)
      return { rule: 'answer-form', because: known ? `${id} is answered already` : `there is no question ${id}` }
    }
    const fault = faultInAnswer(question, words.params[id] ?? '')
    if (fault !== null) return { rule: 'answer-form', because: `${id}: ${fault}` }
  }
  return null
}

function decline(d: Deliberation, answer: Answer, rule: string, because: string): void {
  d.decide('AnswerDeclined', { rule, because, commentId: answer.commentId })
}
