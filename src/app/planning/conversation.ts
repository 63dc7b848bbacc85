import type { Sha256 } from '../../domain/hash.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { AnswerDocument, FirstRequest, NextRequest, RequestDocument, type Turn } from '../../domain/packs/model-call.ts'
import type { Conversation } from './model.ts'

const NOTHING = '(no usable answer)'

/** The whole conversation that a request stands at the end of, put together from the documents it names. */
export function conversationOf(documents: Documents, request: Sha256): Conversation {
  const document = readDocument(documents, request, RequestDocument)
  if (document.is === 'first') {
    const { instructions, text } = document
    return { instructions, messages: [{ role: 'user', text }] }
  }
  const { instructions, messages } = conversationOf(documents, document.previous)
  const { text } = readDocument(documents, document.answer, AnswerDocument)
  const said = { role: 'assistant', text: text === '' ? NOTHING : text } as const
  return { instructions, messages: [...messages, said, { role: 'user', text: document.text }] }
}

/** A turn as it is on record. */
export type ReadTurn = { readonly named: Turn; readonly request: NextRequest | null; readonly answer: AnswerDocument }

export type Transcript = { readonly first: FirstRequest; readonly turns: readonly ReadTurn[] }

/** What was asked and answered for a draft so far; undefined before the first request. */
export function readTranscript(documents: Documents, transcript: readonly Turn[]): Transcript | undefined {
  const [opening] = transcript
  if (opening === undefined) return undefined
  const turns = transcript.map((named, index) => ({
    named,
    request: index === 0 ? null : readDocument(documents, named.request, NextRequest),
    answer: readDocument(documents, named.answer, AnswerDocument),
  }))
  return { first: readDocument(documents, opening.request, FirstRequest), turns }
}
