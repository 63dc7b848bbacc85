import { authorityGate } from '../../gates/authority.ts'
import { ask } from '../../gates/gate.ts'
import { faultInAnswer } from '../../packs/answer.ts'
import { readDocument } from '../../packs/documents.ts'
import { hasRole, type Words } from '../../packs/people.ts'
import { type Question, QuestionPack } from '../../packs/question-pack.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf, wordsOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { isFinal } from '../state.ts'
import { UNREADABLE } from './amend.ts'

type Answer = EventData<'AnswerGiven'>

/** A reply to the open questions: taken whole, or declined whole with the reason. */
export function decideAnswer(d: Deliberation, answer: Answer): void {
  const { open, phase } = d.state()
  if (isFinal(phase)) return decline(d, answer, 'phase', `the run is ${phase}`)
  if (open === null) return decline(d, answer, 'no-question', 'no question is open')
  const pack = readDocument(d.documents, open.pack, QuestionPack)
  const stillOpen = pack.questions.filter((question) => open.ids === null || open.ids.includes(question.id))
  const words = wordsOf(d, answer.words)
  const given = answeredBy(words, stillOpen)
  const fault = faultInAuthor(d, answer, given) ?? faultInReply(d, answer, { pack, stillOpen, words })
  if (fault !== null) return decline(d, answer, fault.rule, fault.because)
  const answers = d.quote({
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

/** The requester needs no role but to read, unless a question names others; nobody answers where AgentOS is switched off. */
function faultInAuthor(d: Deliberation, answer: Answer, given: readonly Question[]): Fault {
  if (answer.switched === 'unreadable') return UNREADABLE
  const { roles } = governedBy(d).policy
  const isRequester = answer.author.id === requestOf(d).requester.id
  const reserved = given.flatMap((question) => reservation(answer, question, isRequester))
  if (reserved.length > 0) return { rule: 'authority', because: reserved.join('; ') }
  const stopped = recordVerdicts(d, 'answer', [
    ask(authorityGate, {
      command: 'answer',
      person: answer.author,
      needed: isRequester ? 'read' : roles.answer,
      scheduled: false,
      enabled: answer.switched === 'on',
    }),
  ])
  return stopped === undefined ? null : { rule: stopped.gate, because: stopped.because }
}

/** Why a question is for others than this person. */
function reservation({ author, owns }: Answer, { id, who }: Question, isRequester: boolean): readonly string[] {
  if (author.kind === 'Local' || who === 'anyone-with-role') return []
  if (who === 'requester') return isRequester ? [] : [`${id} is for the requester alone`]
  if (who === 'code-owners')
    return owns.includes(id)
      ? []
      : [`${id} is for the code owners of what it is about, named in CODEOWNERS by their login`]
  return hasRole(author.role, who) ? [] : [`${id} is for people with the role ${who}`]
}

type Reply = { readonly pack: QuestionPack; readonly stillOpen: readonly Question[]; readonly words: Words }

function faultInReply(d: Deliberation, answer: Answer, { pack, stillOpen, words }: Reply): Fault {
  if (d.at > pack.deadline) return { rule: 'deadline', because: `the deadline was ${pack.deadline}` }
  const ids = Object.keys(words.params)
  if (ids.length === 0) return { rule: 'answer-form', because: 'the reply has no line like `q1: …`' }
  for (const id of ids) {
    const question = stillOpen.find((one) => one.id === id)
    if (question === undefined) {
      const known = pack.questions.some((one) => one.id === id)
      return { rule: 'answer-form', because: known ? `${id} is answered already` : `there is no question ${id}` }
    }
    const fault = faultInAnswer(question, words.params[id] ?? '', answer.paths)
    if (fault !== null) return { rule: 'answer-form', because: `${id}: ${fault}` }
  }
  return null
}

function decline(d: Deliberation, answer: Answer, rule: string, because: string): void {
  d.decide('AnswerDeclined', { rule, because: because.slice(0, 900).toWellFormed(), commentId: answer.commentId })
}
