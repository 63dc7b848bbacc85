import OpenAI, { NotFoundError } from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { type ModelAnswer, type ModelPlanner, ModelReply, type ModelRequest } from '../../app/planning/model-planner.ts'
import { type ModelText, readChatBody, readResponsesBody } from './read-body.ts'
import { type Recorded, recordingFetch } from './recording-fetch.ts'
import { toAnswer, toFailure } from './to-answer.ts'

/** Where the model is. `apiKey` is null for a server that asks for none, `baseURL` for the library's own default. */
export type OpenaiAccess = {
  readonly apiKey: string | null
  readonly baseURL: string | null
  readonly model: string
  readonly timeoutMs: number
}

/**
 * Plans with any OpenAI-compatible server: through the Responses API, or chat completions where the server has no
 * Responses. Nothing is retried here; whether trying again may help is said in the answer.
 */
export function openaiPlanner(access: OpenaiAccess): ModelPlanner {
  return {
    name: access.model,
    plan: async (request) => {
      const first = await call(access, request, RESPONSES)
      const answer = first === 'no-such-endpoint' ? await call(access, request, CHAT) : first
      if (answer !== 'no-such-endpoint') return answer
      const because = 'the model server knows neither the Responses API nor chat completions, or not this model'
      return { is: 'declined', rule: 'model', because, next: 'check OPENAI_BASE_URL and AGENTOS_MODEL' }
    },
  }
}

type Sending = { readonly client: OpenAI; readonly model: string; readonly request: ModelRequest }

/** One wire protocol: how a request is sent, and where the text is in what comes back. */
type Wire = {
  readonly send: (sending: Sending) => Promise<Response>
  readonly read: (body: unknown) => ModelText | undefined
}

const FORMAT = 'plan'

const RESPONSES: Wire = {
  send: ({ client, model, request }) =>
    client.responses
      .create({
        model,
        instructions: request.instructions,
        input: request.input,
        max_output_tokens: request.maxOutputTokens,
        store: false,
        text: { format: zodTextFormat(ModelReply, FORMAT) },
      })
      .asResponse(),
  read: readResponsesBody,
}

const CHAT: Wire = {
  send: ({ client, model, request }) =>
    client.chat.completions
      .create({
        model,
        messages: [
          { role: 'system', content: request.instructions },
          { role: 'user', content: request.input },
        ],
        max_completion_tokens: request.maxOutputTokens,
        response_format: zodResponseFormat(ModelReply, FORMAT),
      })
      .asResponse(),
  read: readChatBody,
}

async function call(
  access: OpenaiAccess,
  request: ModelRequest,
  wire: Wire,
): Promise<ModelAnswer | 'no-such-endpoint'> {
  const recorded: Recorded = { request: [], response: [] }
  try {
    await wire.send({ client: clientFor(access, recorded), model: access.model, request })
  } catch (error) {
    if (error instanceof NotFoundError) return 'no-such-endpoint'
    return toFailure(error)
  }
  return toAnswer(recorded, wire.read, access.model)
}

/** Nothing of the client comes from the environment, and it neither logs nor retries. */
function clientFor(access: OpenaiAccess, recorded: Recorded): OpenAI {
  return new OpenAI({
    apiKey: access.apiKey ?? 'none',
    baseURL: access.baseURL ?? 'https://api.openai.com/v1',
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
