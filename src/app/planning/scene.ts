import { Governed } from '../../domain/control/governed.ts'
import type { EffectBody } from '../../domain/effects.ts'
import type { Sha256 } from '../../domain/hash.ts'
import { valueOf } from '../../domain/packs/answer.ts'
import { type BaseFiles, toBaseFiles } from '../../domain/packs/base-files.ts'
import { type Documents, readDocument, readWords } from '../../domain/packs/documents.ts'
import { Intent } from '../../domain/packs/intent.ts'
import { MemoryPack } from '../../domain/packs/memory-pack.ts'
import { Words } from '../../domain/packs/people.ts'
import { AnswerPack, QuestionPack } from '../../domain/packs/question-pack.ts'
import type { RepositoryReader, TreeEntry } from '../ports.ts'

/** What people answered, by the topic that the question was about; the latest answer to a topic counts. */
type Answers = ReadonlyMap<string, string>

/** Everything that a draft may be made from: recorded documents and the base commit, nothing else. */
export type Scene = {
  readonly body: EffectBody<'draft'>
  readonly intent: Intent
  readonly memory: MemoryPack
  readonly manifest: Governed
  readonly words: Words
  readonly answers: Answers
  readonly documents: Documents
  readonly reader: RepositoryReader
  readonly entries: ReadonlyMap<string, TreeEntry>
  readonly base: BaseFiles
}

/** Throws BrokenRecord where the record lacks a document, or was made for another commit. */
export async function openScene(
  body: EffectBody<'draft'>,
  documents: Documents,
  reader: RepositoryReader,
): Promise<Scene> {
  const listing = await reader.entries(body.base.sha)
  return {
    body,
    intent: readDocument(documents, body.intent, Intent),
    memory: readDocument(documents, body.memory, MemoryPack),
    manifest: readDocument(documents, body.manifest, Governed),
    words: readWords(documents, body.words, Words),
    answers: new Map(body.answers.flatMap((sha256) => answersIn(documents, sha256))),
    documents,
    reader,
    entries: new Map(listing.map((entry) => [entry.path, entry])),
    base: toBaseFiles(listing),
  }
}

function answersIn(documents: Documents, sha256: Sha256): readonly (readonly [string, string])[] {
  const pack = readDocument(documents, sha256, AnswerPack)
  const { questions } = readDocument(documents, pack.pack, QuestionPack)
  const given = new Map(Object.entries(readWords(documents, pack.words, Words).params))
  return pack.answers.flatMap(({ id, about }) => {
    const [value, question] = [given.get(id), questions.find((one) => one.id === id)]
    return value === undefined || question === undefined ? [] : [[about, valueOf(question, value)] as const]
  })
}
