import { fromUtf8, toUtf8 } from '../../domain/patch/bytes.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import type { Model } from '../planning/model.ts'

/** A model that is sent no secret, and of whose answers none is kept. */
export function discreetModel(model: Model, filter: SecretFilter): Model {
  return {
    ...model,
    ask: async (call) => {
      const messages = call.messages.map(({ role, text }) => ({ role, text: cleanText(text, filter) }))
      const said = await model.ask({ ...call, instructions: filter.text(call.instructions), messages })
      if (said.is === 'failed') return { ...said, because: filter.text(said.because), next: filter.text(said.next) }
      const answer = { ...said.said, text: cleanText(said.said.text, filter) }
      return { ...said, said: answer, received: cleanBody(said.received, filter) }
    },
  }
}

/** JSON stays JSON. */
function cleanText(text: string, filter: SecretFilter): string {
  return isJson(text) ? filter.json(text) : filter.text(text)
}

function cleanBody(body: Uint8Array, filter: SecretFilter): Uint8Array {
  const text = fromUtf8(body)
  return text === undefined ? filter.bytes(body) : toUtf8(cleanText(text, filter))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
