import { z } from 'zod'
import { hashOf, Sha256 } from '../hash.ts'
import { ForeignId } from '../ids.ts'
import { toHex } from '../patch/bytes.ts'
import { valueOf } from './answer.ts'
import { type Documents, isSalted, readDocument, readWords, saltOf } from './documents.ts'
import { Words } from './people.ts'
import { AnswerPack, QuestionPack } from './question-pack.ts'

/**
 * What somebody answered, as a plan names it: by digests and by who said it, never by comment or time. The digests are
 * under the salt of the words, so that they tell nothing once these are erased; only where the AnswerPack itself has no
 * salt are they digests of the texts alone. `id` is the round and the question's number in it.
 */
export const SettledAnswer = z.strictObject({
  id: z.string().regex(/^[1-9][0-9]?\.q[1-9][0-9]?$/),
  about: z.string().max(64),
  question: Sha256,
  value: Sha256,
  author: ForeignId,
})
export type SettledAnswer = z.infer<typeof SettledAnswer>

/** The same with the question and the words of the answer. */
export type ToldAnswer = { readonly answer: SettledAnswer; readonly question: string; readonly value: string }

/** The answers that count, by what they are about: a later one takes the place of an earlier. Throws BrokenRecord. */
export function settledAnswers(documents: Documents, packs: readonly Sha256[]): readonly ToldAnswer[] {
  const all = packs.flatMap((pack) => answersIn(documents, pack))
  return [...new Map(all.map((told) => [told.answer.about, told])).values()]
}

function answersIn(documents: Documents, sha256: Sha256): readonly ToldAnswer[] {
  const given = readDocument(documents, sha256, AnswerPack)
  const { round, questions } = readDocument(documents, given.pack, QuestionPack)
  const said = new Map(Object.entries(readWords(documents, given.words, Words).params))
  const digest = digestUnder(isSalted(documents, sha256) ? toHex(saltOf(documents, given.words)) : null)
  return given.answers.flatMap(({ id, about }) => {
    const [words, question] = [said.get(id), questions.find((one) => one.id === id)]
    if (words === undefined || question === undefined) return []
    const value = valueOf(question, words)
    const names = { question: digest(question), value: digest(value), author: given.author.id }
    return [{ answer: { id: `${round}.${id}`, about, ...names }, question: question.text, value }]
  })
}

function digestUnder(salt: string | null): (value: unknown) => Sha256 {
  return (value) => hashOf(salt === null ? value : { salt, value })
}
