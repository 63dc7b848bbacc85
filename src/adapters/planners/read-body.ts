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

const Count = z.int().min(0).max(1_000_000_000).nullish()

const ResponsesBody = z.object({
  model: z.string().nullish(),
  status: z.string().nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.object({
      type: z.string(),
      content: z
        .array(z.object({ type: z.string(), text: z.string().nullish(), refusal: z.string().nullish() }))
        .nullish(),
    }),
  ),
  usage: z.object({ input_tokens: Count, output_tokens: Count }).nullish(),
})

const ChatBody = z.object({
  model: z.string().nullish(),
  choices: z.array(
    z.object({
      finish_reason: z.string().nullish(),
      message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
    }),
  ),
  usage: z.object({ prompt_tokens: Count, completion_tokens: Count }).nullish(),
})

export function readResponsesBody(body: unknown): ModelText | undefined {
  const parsed = ResponsesBody.safeParse(body)
  if (!parsed.success) return undefined
  const { model, status, incomplete_details, output, usage } = parsed.data
  const parts = output.filter(({ type }) => type === 'message').flatMap(({ content }) => content ?? [])
  const isWhole = status === null || status === undefined || status === 'completed'
  return {
    text: parts.map((part) => (part.type === 'output_text' ? (part.text ?? '') : '')).join(''),
    isRefusal: parts.some((part) => part.type === 'refusal'),
    cutBecause: isWhole ? null : (incomplete_details?.reason ?? status),
    model: model ?? null,
    inputTokens: usage?.input_tokens ?? null,
    outputTokens: usage?.output_tokens ?? null,
  }
}

export function readChatBody(body: unknown): ModelText | undefined {
  const parsed = ChatBody.safeParse(body)
  const choice = parsed.data?.choices[0]
  if (!parsed.success || choice === undefined) return undefined
  const { model, usage } = parsed.data
  const reason = choice.finish_reason ?? 'stop'
  return {
    text: choice.message.content ?? '',
    isRefusal: (choice.message.refusal ?? '') !== '',
    cutBecause: reason === 'stop' ? null : reason,
    model: model ?? null,
    inputTokens: usage?.prompt_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
  }
}
