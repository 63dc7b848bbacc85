import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'

/** What a planning model answers that has nothing to say: the parts that a test does not speak of. */
export const emptyReply = { look: [], questions: [], edits: [], run: [], verify: [], reads: [], evidence: [] }

/** One scripted answer: a status and a body, or a connection that is dropped or never answered. */
export type Scripted =
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | 'drop'
  | 'hang'

export type SeenRequest = { readonly path: string; readonly authorization: string | undefined; readonly body: string }

export type ScriptedModel = {
  readonly baseURL: string
  readonly seen: readonly SeenRequest[]
  readonly close: () => Promise<void>
}

/** An OpenAI-compatible server on loopback that answers by script; `answer` is asked for each request in turn. */
export async function scriptedModel(answer: (request: SeenRequest, index: number) => Scripted): Promise<ScriptedModel> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const asked = { path: request.url ?? '', authorization: request.headers.authorization, body }
      seen.push(asked)
      const fault = faultIn(asked)
      write(response, fault === undefined ? answer(asked, seen.length - 1) : malformed(fault))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the scripted model has no port')
  return {
    baseURL: `http://127.0.0.1:${address.port}/v1`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const Message = z.strictObject({ role: z.enum(['user', 'assistant', 'system']), content: z.string().min(1) })
const Format = { name: z.string(), strict: z.literal(true), schema: z.unknown() }
const BODIES: { readonly [path: string]: z.ZodType<{ readonly schema: unknown }> } = {
  '/v1/responses': z
    .strictObject({
      model: z.string(),
      instructions: z.string().min(1),
      input: z.array(Message).min(1),
      max_output_tokens: z.int().min(16),
      store: z.literal(false),
      text: z.strictObject({ format: z.strictObject({ type: z.literal('json_schema'), ...Format }) }),
    })
    .transform((body) => body.text.format),
  '/v1/chat/completions': z
    .strictObject({
      model: z.string(),
      messages: z.array(Message).min(2),
      max_completion_tokens: z.int().min(16),
      response_format: z.strictObject({ type: z.literal('json_schema'), json_schema: z.strictObject(Format) }),
    })
    .transform((body) => body.response_format.json_schema),
}

/** What such a server refuses: another body than its protocol has, or a schema that is not strict throughout. */
function faultIn({ path, body }: SeenRequest): string | undefined {
  const parsed = BODIES[path]?.safeParse(JSON.parse(body))
  if (parsed === undefined) return `there is no ${path}`
  if (!parsed.success) return parsed.error.message
  return looseIn(parsed.data.schema)
}

/** What strict structured outputs do not take in a schema. */
const LENGTHS = ['minLength', 'maxLength', 'maxItems']

/** Strict structured outputs ask for every property of every object, and for no other. */
function looseIn(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  if (LENGTHS.some((key) => key in schema && typeof Reflect.get(schema, key) === 'number')) return 'a length is limited'
  if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null) {
    const required: unknown = 'required' in schema ? schema.required : []
    const all = Object.keys(schema.properties).sort()
    if (!Array.isArray(required) || required.map(String).sort().join() !== all.join())
      return `${all.join()}: not required`
    if (!('additionalProperties' in schema) || schema.additionalProperties !== false)
      return `${all.join()}: others allowed`
  }
  return Object.values(schema)
    .map(looseIn)
    .find((fault) => fault !== undefined)
}

function malformed(fault: string): Scripted {
  return {
    status: 400,
    body: JSON.stringify({ error: { message: fault, type: 'invalid_request_error', code: 'malformed' } }),
  }
}

/** The messages of a request in order, whichever protocol it came through, without the instructions. */
export function messagesIn({ body }: SeenRequest): readonly { readonly role: string; readonly content: string }[] {
  const { input, messages } = z
    .object({ input: z.array(Message).optional(), messages: z.array(Message).optional() })
    .parse(JSON.parse(body))
  return (input ?? messages ?? []).filter(({ role }) => role !== 'system')
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('utf8')
}

function write(response: ServerResponse, scripted: Scripted): void {
  if (scripted === 'hang') return
  if (scripted === 'drop') {
    response.destroy()
    return
  }
  response.writeHead(scripted.status, { 'content-type': 'application/json', ...scripted.headers })
  response.end(scripted.body)
}

/** A whole answer of the Responses API that holds this text. */
export function responsesAnswer(text: string, over: Readonly<Record<string, unknown>> = {}): Scripted {
  const body = {
    id: 'resp_1',
    object: 'response',
    model: 'scripted-2026',
    status: 'completed',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }],
    usage: { input_tokens: 100, output_tokens: 20, total_tokens: 120 },
    ...over,
  }
  return { status: 200, body: JSON.stringify(body) }
}

export function chatAnswer(text: string, finish = 'stop', refusal: string | null = null): Scripted {
  const body = {
    id: 'chat_1',
    object: 'chat.completion',
    model: 'scripted-chat',
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content: text, refusal } }],
    usage: { prompt_tokens: 90, completion_tokens: 10, total_tokens: 100 },
  }
  return { status: 200, body: JSON.stringify(body) }
}

export function errorAnswer(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Scripted {
  return {
    status,
    headers,
    body: JSON.stringify({ error: { message: 'secret words of the prompt', type: code, code } }),
  }
}
