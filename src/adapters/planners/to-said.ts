import { APIConnectionError, APIError } from 'openai'
import type { ModelSaid } from '../../app/planning/model.ts'
import { cutText } from '../../domain/packs/cut-text.ts'
import type { AnswerDocument, ModelFault } from '../../domain/packs/model-call.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import type { ModelText } from './read-body.ts'
import { AnswerTooLong, type Recorded } from './recording-fetch.ts'

/** What a recorded exchange comes to. A server that does not count tokens is charged by the bytes. */
export function toSaid(recorded: Recorded, read: (body: unknown) => ModelText | undefined, asked: string): ModelSaid {
  const [[sent = new Uint8Array()], [received = new Uint8Array()]] = [recorded.request, recorded.response]
  const text = read(parseJson(fromUtf8(received)))
  const said = {
    ...kindOf(text),
    model: cutText((text?.model ?? asked).toWellFormed(), 64),
    inputTokens: text?.inputTokens ?? Math.ceil(sent.length / 4),
    outputTokens: text?.outputTokens ?? Math.ceil(received.length / 4),
  }
  return { is: 'answered', sent, received, said }
}

function kindOf(text: ModelText | undefined): Pick<AnswerDocument, 'is' | 'text'> {
  if (text === undefined || !text.text.isWellFormed()) return { is: 'garbled', text: '' }
  if (text.isRefusal) return { is: 'refusal', text: '' }
  return { is: text.cutBecause === null ? 'text' : 'cut', text: text.text }
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const CHECK_ACCESS = 'check OPENAI_API_KEY, OPENAI_BASE_URL and AGENTOS_MODEL'
const LATER = 'ask again later, or use a recipe'
const QUOTA = 'insufficient_quota'
const MAX_WAIT_MS = 300_000

/** What a failed exchange comes to, in words of our own: messages of servers may repeat what they were sent. */
export function toFailure(error: unknown): ModelSaid {
  if (error instanceof APIConnectionError) return connectionFailure(error)
  if (!(error instanceof APIError)) throw error
  return quotaFailure(error) ?? passingFailure(error) ?? lastingFailure(error)
}

function quotaFailure({ status, code, type }: APIError): ModelSaid | undefined {
  if (status !== 402 && code !== QUOTA && type !== QUOTA) return undefined
  return failed('quota', 'the quota of the model account is used up', 'raise the quota, or use a recipe')
}

function passingFailure({ status, headers }: APIError): ModelSaid | undefined {
  const afterMs = waitOf(headers)
  if (status === 429) return { ...failed('busy', 'the model server has too many requests', LATER), afterMs }
  const isPassing = status === undefined || status >= 500 || status === 408 || status === 409
  if (!isPassing) return undefined
  return { ...failed('busy', `the model server failed (${status ?? 'no status'})`, LATER), afterMs }
}

function lastingFailure({ status, code }: APIError): ModelSaid {
  if (status === 401 || status === 403) return declined('the model server does not accept the key', CHECK_ACCESS)
  if (code === 'context_length_exceeded')
    return declined('the request is too long for this model', 'ask for less at once')
  return declined(`the model server does not accept the request (${status ?? 'no status'})`, CHECK_ACCESS)
}

/** What never reached a server cost nothing; what went out and brought no answer may have been worked on. */
function connectionFailure(error: APIConnectionError): ModelSaid {
  const causes = causesOf(error)
  if (causes.some((cause) => cause instanceof AnswerTooLong))
    return failed('unanswered', 'the answer of the model server is too long', CHECK_ACCESS)
  const code = causes.map(codeOf).find((one) => one !== undefined)
  if (code !== undefined && UNREACHED.has(code))
    return failed('unreachable', 'the model server cannot be reached', LATER)
  return failed('unanswered', 'the model server did not answer in time, or broke off', LATER)
}

const UNREACHED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function causesOf(error: unknown): readonly unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : []
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
}

function declined(because: string, next: string): ModelSaid {
  return failed('declined', because, next)
}

function failed(
  fault: Exclude<ModelFault, 'lost'>,
  because: string,
  next: string,
): Extract<ModelSaid, { is: 'failed' }> {
  return { is: 'failed', fault, because, next, afterMs: 0 }
}

/** `Retry-After` in seconds or as a date that the server's own clock is given for; nothing where it says neither. */
function waitOf(headers: Headers | undefined): number {
  const after = headers?.get('retry-after') ?? null
  if (after === null) return 0
  const seconds = /^\d+(?:\.\d+)?$/.test(after) ? Number(after) : secondsUntil(after, headers?.get('date') ?? null)
  return Number.isFinite(seconds) ? Math.min(MAX_WAIT_MS, Math.max(0, Math.ceil(seconds * 1000))) : 0
}

function secondsUntil(date: string, now: string | null): number {
  return now === null ? Number.NaN : (Date.parse(date) - Date.parse(now)) / 1000
}
