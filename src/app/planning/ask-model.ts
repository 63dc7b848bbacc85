import type { EffectResult } from '../../domain/effects.ts'
import { toQuoting, toSalted } from '../../domain/packs/documents.ts'
import type { AnswerDocument } from '../../domain/packs/model-call.ts'
import type { Performed, Performer } from '../ports.ts'
import { conversationOf } from './conversation.ts'
import type { Model } from './model.ts'

export type AskingTools = { readonly model: Model | null; readonly wait: (ms: number) => Promise<void> }

/**
 * Asks a model once. A call cannot be looked up at its server afterwards, so each effect is sent at most once: one that was
 * attempted before and left no outcome is lost, it counts as paid, and whether to ask anew is decided from the record.
 */
export function askModelPerformer({ model, wait }: AskingTools): Performer<'ask-model'> {
  return async ({ body, documents, attempt, secret }) => {
    if (attempt > 1) return failed(LOST)
    if (model === null || model.host !== body.host || model.name !== body.model) return failed(CHANGED)
    const salting = secret()
    await wait(body.waitMs)
    const { protocol, maxOutputTokens } = body
    const said = await model.ask({ ...conversationOf(documents, body.request), protocol, maxOutputTokens })
    if (said.is === 'failed') return failed(said)
    const answer = toQuoting({ v: 1, ...said.said } satisfies AnswerDocument, salting)
    const [response, sent] = [toSalted(said.received, salting), toSalted(said.sent, salting)]
    const { inputTokens, outputTokens } = said.said
    const hashes = { answer: answer.sha256, response: response.sha256, sent: sent.sha256 }
    return { result: { is: 'answered', ...hashes, inputTokens, outputTokens }, blobs: [answer, response] }
  }
}

type Failed = Extract<EffectResult<'ask-model'>, { is: 'failed' }>

const LOST: Failed = {
  is: 'failed',
  fault: 'lost',
  because: 'a call of the model was begun, and what came of it is not known',
  next: 'ask again later, or use a recipe',
  afterMs: 0,
}

const CHANGED: Failed = {
  is: 'failed',
  fault: 'declined',
  because: 'the model that this run began with is not configured any more',
  next: 'plan again with the model that is configured now',
  afterMs: 0,
}

function failed(result: Failed): Performed<'ask-model'> {
  return { result, blobs: [] }
}
