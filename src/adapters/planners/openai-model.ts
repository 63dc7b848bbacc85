import OpenAI, { NotFoundError } from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import type { Model, ModelCall, ModelSaid } from '../../app/planning/model.ts'
import { ModelReply } from '../../app/planning/model-reply.ts'
import type { ModelProtocol } from '../../domain/packs/model-call.ts'
import { type ModelText, readChatBody, readResponsesBody } from './read-body.ts'
import { type Recorded, recordingFetch } from './recording-fetch.ts'
import { toFailure, toSaid } from './to-said.ts'

/** Where the model is. `apiKey` is null for a server that asks for none. */
export type OpenaiAccess = {
  readonly apiKey: string | null
  readonly baseURL: string
  readonly model: string
  readonly timeoutMs: number
}

/** A model of any OpenAI-compatible server. One call is one request: nothing is retried here. */
export function openaiModel(access: OpenaiAccess): Model {
  return { host: new URL(access.baseURL).host, name: access.model, ask: (call) => ask(access, call) }
}

type Sending = { readonly client: OpenAI; readonly model: string; readonly call: ModelCall }

/** One wire protocol: how a request is sent, and where the text is in what comes back. */
type Wire = {
  readonly send: (sending: Sending) => Promise<Response>
  readonly read: (body: unknown) => ModelText | undefined
}

const FORMAT = 'plan'

const WIRES: { readonly [P in ModelProtocol]: Wire } = {
  responses: {
    send: ({ client, model, call }) =>
      client.responses
        .create({
          model,
          instructions: call.instructions,
          input: call.messages.map(({ role, text }) => ({ role, content: text })),
          max_output_tokens: call.maxOutputTokens,
          store: false,
          text: { format: zodTextFormat(ModelReply, FORMAT) },
        })
        .asResponse(),
    read: readResponsesBody,
  },
  chat: {
    send: ({ client, model, call }) =>
      client.chat.completions
        .create({
          model,
          messages: [
            { role: 'system', content: call.instructions },
            ...call.messages.map(({ role, text }) => ({ role, content: text })),
          ],
          max_completion_tokens: call.maxOutputTokens,
          response_format: zodResponseFormat(ModelReply, FORMAT),
        })
        .asResponse(),
    read: readChatBody,
  },
}

async function ask(access: OpenaiAccess, call: ModelCall): Promise<ModelSaid> {
  const wire = WIRES[call.protocol]
  const recorded: Recorded = { request: [], response: [] }
  try {
    await wire.send({ client: clientFor(access, recorded), model: access.model, call })
  } catch (error) {
    return error instanceof NotFoundError ? NO_ENDPOINT : toFailure(error)
  }
  return toSaid(recorded, wire.read, access.model)
}

const NO_ENDPOINT: ModelSaid = {
  is: 'failed',
  fault: 'no-endpoint',
  because: 'the model server knows neither the Responses API nor chat completions, or not this model',
  next: 'check OPENAI_BASE_URL and AGENTOS_MODEL',
  afterMs: 0,
}

/** Nothing of the client comes from the environment, and it neither logs nor retries. */
function clientFor(access: OpenaiAccess, recorded: Recorded): OpenAI {
  return new OpenAI({
    apiKey: access.apiKey ?? 'none',
    baseURL: access.baseURL,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: access.timeoutMs,
    logLevel: 'off',
    fetch: recordingFetch(recorded, access.timeoutMs),
  })
}
