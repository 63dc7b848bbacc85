import { Governed } from '../../domain/control/governed.ts'
import type { EffectBody } from '../../domain/effects.ts'
import { type BaseFiles, toBaseFiles } from '../../domain/packs/base-files.ts'
import { type Documents, readDocument, readWords, type Secret } from '../../domain/packs/documents.ts'
import { Intent } from '../../domain/packs/intent.ts'
import { MemoryPack } from '../../domain/packs/memory-pack.ts'
import { Words } from '../../domain/packs/people.ts'
import { type SettledAnswer, settledAnswers } from '../../domain/packs/settled-answers.ts'
import type { Intended, RepositoryReader, TreeEntry } from '../ports.ts'

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
  /** The same as a plan names them. */
  readonly settled: readonly SettledAnswer[]
  readonly documents: Documents
  /** What the salts of documents that may quote people follow from. */
  readonly secret: Secret
  readonly reader: RepositoryReader
  readonly entries: ReadonlyMap<string, TreeEntry>
  readonly base: BaseFiles
}

/** Throws BrokenRecord where the record lacks a document, or was made for another commit. */
export async function openScene(
  { body, documents, secret }: Pick<Intended<'draft'>, 'body' | 'documents' | 'secret'>,
  reader: RepositoryReader,
): Promise<Scene> {
  const told = settledAnswers(documents, body.answers)
  const listing = await reader.entries(body.base.sha)
  return {
    body,
    intent: readDocument(documents, body.intent, Intent),
    memory: readDocument(documents, body.memory, MemoryPack),
    manifest: readDocument(documents, body.manifest, Governed),
    words: readWords(documents, body.words, Words),
    answers: new Map(statements(documents, body)),
    settled: told.map(({ answer }) => answer),
    documents,
    secret: secret(),
    reader,
    entries: new Map(listing.map((entry) => [entry.path, entry])),
    base: toBaseFiles(listing),
  }
}

/** What people said about each topic, in order: an amendment that sets a parameter speaks as an answer about it does. */
function statements(documents: Documents, { answers, amendments }: EffectBody<'draft'>): readonly Statement[] {
  let from = 0
  const before = amendments.flatMap((amendment): readonly Statement[] => {
    const packs = answers.slice(from, amendment.answers)
    from = amendment.answers
    const { params } = readWords(documents, amendment.words, Words)
    return [...answered(documents, packs), ...Object.entries(params).map(toStatement)]
  })
  return [...before, ...answered(documents, answers.slice(from))]
}

type Statement = readonly [string, string]

function answered(documents: Documents, packs: readonly string[]): readonly Statement[] {
  return settledAnswers(documents, packs).map(({ answer, value }) => [answer.about, value])
}

function toStatement([name, value]: Statement): Statement {
  return [`param:${name}`, value]
}
