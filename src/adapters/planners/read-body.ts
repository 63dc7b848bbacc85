import { z } from 'zod'

/** What a server's answer comes to, whichever protocol it came through. */
export type ModelText = {
  readonly text: string
  readonly isRefusal: boolean
  /** Why the text is not whole; null when it is. */
  readonly cutBecause: string | null
  readonly model: string | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
}

const orNull = <T extends z.ZodType>(schema: T) => schema.nullable().default(null)
const Count = orNull(z.int().min(0).max(1_000_000_000))
const Words = orNull(z.string())
const NO_WORDS = { type: '', text: null, refusal: null }

const ResponsesBody = z.object({
  model: Words,
  status: Words,
  incomplete_details: z.object({ reason: Words }).nullable().default({ reason: null }),
  output: z.array(
    z.object({
      type: z.string(),
      content: z.array(z.object({ type: z.string(), text: Words, refusal: Words })).default([NO_WORDS]),
    }),
  ),
  usage: z.object({ input_tokens: Count, output_tokens: Count }).nullable().default(null),
})

const ChatBody = z.object({
  model: Words,
  choices: z.tuple(
    [z.object({ finish_reason: Words, message: z.object({ content: Words, refusal: Words }) })],
    z.unknown(),
  ),
  usage: z.object({ prompt_tokens: Count, completion_tokens: Count }).nullable().default(null),
})

export function readResponsesBody(body: unknown): ModelText | undefined {
  const parsed = ResponsesBody.safeParse(body)
  if (!parsed.success) return undefined
  const { model, status, incomplete_details, output, usage } = parsed.data
  const parts = output.flatMap(({ type, content }) => (type === 'message' ? content : []))
  const isWhole = status === null || status === 'completed'
  return {
    text: parts.map(({ type, text }) => (type === 'output_text' && text !== null ? text : '')).join(''),
    isRefusal: parts.some(({ type }) => type === 'refusal'),
    cutBecause: isWhole ? null : (incomplete_details?.reason ?? status),
    model,
    inputTokens: usage?.input_tokens ?? null,
    outputTokens: usage?.output_tokens ?? null,
  }
}

export function readChatBody(body: unknown): ModelText | undefined {
  const parsed = ChatBody.safeParse(body)
  if (!parsed.success) return undefined
  const { model, choices, usage } = parsed.data
  const [{ message, finish_reason: reason }] = choices
  return {
    text: message.content ?? '',
    isRefusal: Boolean(message.refusal),
    cutBecause: reason === 'stop' ? null : reason,
    model,
    inputTokens: usage?.prompt_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
  }
}
