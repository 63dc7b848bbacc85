import type { AnswerDocument, ModelFault, ModelProtocol } from '../../domain/packs/model-call.ts'

export type ModelMessage = { readonly role: 'user' | 'assistant'; readonly text: string }

/** A conversation as it goes to a model, whichever protocol its server speaks. */
export type Conversation = { readonly instructions: string; readonly messages: readonly ModelMessage[] }

export type ModelCall = Conversation & { readonly protocol: ModelProtocol; readonly maxOutputTokens: number }

/** What one call came to. `because` and `next` are safe to show to people. */
export type ModelSaid =
  | {
      readonly is: 'answered'
      /** The bodies as they went over the wire, without any key. */
      readonly sent: Uint8Array
      readonly received: Uint8Array
      readonly said: Omit<AnswerDocument, 'v'>
    }
  | {
      readonly is: 'failed'
      readonly fault: Exclude<ModelFault, 'lost'>
      readonly because: string
      readonly next: string
      readonly afterMs: number
    }

/** A language model at an address. One call sends one request: nothing is tried again behind the caller's back. */
export type Model = {
  readonly host: string
  readonly name: string
  readonly ask: (call: ModelCall) => Promise<ModelSaid>
}
