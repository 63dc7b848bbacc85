import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

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
      write(response, answer(asked, seen.length - 1))
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

export function chatAnswer(text: string, finish = 'stop'): Scripted {
  const body = {
    id: 'chat_1',
    object: 'chat.completion',
    model: 'scripted-chat',
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content: text } }],
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
