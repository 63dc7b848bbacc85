import { APIConnectionError, APIError } from 'openai'
import { type ModelAnswer, type ModelCall, ModelReply } from '../../app/planning/model-planner.ts'
import { isCanonical } from '../../domain/canonical.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { ModelText } from './read-body.ts'
import { AnswerTooLong, type Recorded } from './recording-fetch.ts'

/** What a recorded exchange comes to. No word of the request or the answer is repeated in a reason. */
export function toAnswer(
  recorded: Recorded,
  read: (body: unknown) => ModelText | undefined,
  asked: string,
): ModelAnswer {
  const [response = new Uint8Array()] = recorded.response
  const body = parseJson(fromUtf8(response))
  const text = body.ok ? read(body.value) : undefined
  const call = toCall(recorded, text)
  if (text === undefined) return { is: 'unusable', because: 'the model server did not answer in its protocol', call }
  const reply = replyIn(text)
  if (!reply.ok) return { is: 'unusable', because: reply.refusal, call }
  return { is: 'reply', reply: reply.value, model: text.model ?? asked, call }
}

/** A server that does not count tokens is charged by the bytes. */
function toCall(recorded: Recorded, text: ModelText | undefined): ModelCall {
  const [[request = new Uint8Array()], [response = new Uint8Array()]] = [recorded.request, recorded.response]
  return {
    request,
    response,
    inputTokens: text?.inputTokens ?? Math.ceil(request.length / 4),
    outputTokens: text?.outputTokens ?? Math.ceil(response.length / 4),
  }
}

function replyIn(text: ModelText): Result<ModelReply, string> {
  if (text.isRefusal) return refuse('the model refused to answer')
  if (text.cutBecause !== null) {
    const isLong = text.cutBecause === 'length' || text.cutBecause === 'max_output_tokens'
    return refuse(isLong ? 'the answer was cut off, it is too long' : 'the answer was broken off')
  }
  const value = parseJson(text.text)
  if (!value.ok) return refuse('the answer is not JSON')
  if (!isCanonical(value.value)) return refuse('the answer holds text or numbers that cannot be recorded')
  const parsed = ModelReply.safeParse(value.value)
  if (parsed.success) return ok(parsed.data)
  const at = parsed.error.issues[0]?.path.filter((key) => typeof key === 'number' || isOurs(String(key))).join('.')
  return refuse(`the answer does not have the form that was asked for${at ? ` (at ${at})` : ''}`)
}

/** Only names of our own schema may be repeated. */
function isOurs(key: string): boolean {
  return /^(?:questions|edits|verify|evidence|is|path|content|search|replace|command|criteria)$/.test(key)
}

function parseJson(text: string | undefined): Result<unknown, null> {
  if (text === undefined) return refuse(null)
  try {
    const value: unknown = JSON.parse(text)
    return ok(value)
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(null)
    throw error
  }
}

const CHECK_ACCESS = 'check OPENAI_API_KEY, OPENAI_BASE_URL and AGENTOS_MODEL'
const QUOTA = 'insufficient_quota'
const DEFAULT_WAIT_MS = 10_000
const MAX_WAIT_MS = 300_000

/** What a failed exchange comes to, in words of our own: messages of servers may repeat what they were sent. */
export function toFailure(error: unknown): ModelAnswer {
  if (error instanceof APIConnectionError) return connectionFailure(error)
  if (!(error instanceof APIError)) throw error
  return quotaFailure(error) ?? passingFailure(error) ?? lastingFailure(error)
}

function quotaFailure({ status, code, type }: APIError): ModelAnswer | undefined {
  if (status !== 402 && code !== QUOTA && type !== QUOTA) return undefined
  const because = 'the quota of the model account is used up'
  return { is: 'declined', rule: 'model-quota', because, next: 'raise the quota, or use a recipe' }
}

function passingFailure({ status, headers }: APIError): ModelAnswer | undefined {
  if (status === 429) return later('the model server has too many requests', waitOf(headers))
  const isPassing = status === undefined || status >= 500 || status === 408 || status === 409
  return isPassing ? later(`the model server failed (${status ?? 'no status'})`, waitOf(headers)) : undefined
}

function lastingFailure({ status, code }: APIError): ModelAnswer {
  if (status === 401 || status === 403) return declined('the model server does not accept the key', CHECK_ACCESS)
  if (code === 'context_length_exceeded')
    return declined('the request is too long for this model', 'ask for less at once')
  return declined(`the model server does not accept the request (${status ?? 'no status'})`, CHECK_ACCESS)
}

function connectionFailure({ cause }: Error): ModelAnswer {
  if (cause instanceof AnswerTooLong) return declined('the answer of the model server is too long', CHECK_ACCESS)
  return later('the model server did not answer in time, or cannot be reached', DEFAULT_WAIT_MS)
}

function later(because: string, afterMs: number): ModelAnswer {
  return { is: 'unavailable', because, afterMs }
}

function declined(because: string, next: string): ModelAnswer {
  return { is: 'declined', rule: 'model', because, next }
}

function waitOf(headers: Headers | undefined): number {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds * 1000), MAX_WAIT_MS) : DEFAULT_WAIT_MS
}
