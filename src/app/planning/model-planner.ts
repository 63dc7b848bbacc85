import { z } from 'zod'

const Reference = z.string().max(4096)

/** One change that a model proposes. AgentOS computes the exact edit; the model never names hashes or modes. */
export const ProposedEdit = z.union([
  z.strictObject({ is: z.literal('create'), path: z.string(), content: z.string() }),
  z.strictObject({ is: z.literal('rewrite'), path: z.string(), content: z.string() }),
  z.strictObject({ is: z.literal('replace'), path: z.string(), search: z.string(), replace: z.string() }),
  z.strictObject({ is: z.literal('delete'), path: z.string() }),
])
export type ProposedEdit = z.infer<typeof ProposedEdit>

export const ProposedQuestion = z.strictObject({
  type: z.enum(['clarification', 'blocker', 'decision']),
  topic: z.string(),
  text: z.string(),
  impact: z.string(),
  answer: z.enum(['text', 'choice', 'boolean', 'number', 'path']),
  choices: z.array(z.string()),
  default: z.string().nullable(),
  evidence: z.array(Reference),
})
export type ProposedQuestion = z.infer<typeof ProposedQuestion>

/** What a model answers: edits with their checks and the files they rest on, or questions. Hostile data like all drafts. */
export const ModelReply = z.strictObject({
  questions: z.array(ProposedQuestion),
  edits: z.array(ProposedEdit),
  verify: z.array(z.strictObject({ command: z.string(), criteria: z.array(z.string()) })),
  evidence: z.array(Reference),
})
export type ModelReply = z.infer<typeof ModelReply>

export type ModelRequest = { readonly instructions: string; readonly input: string; readonly maxOutputTokens: number }

/** The bytes that went out and came back, without any key, and what the call used. */
export type ModelCall = {
  readonly request: Uint8Array
  readonly response: Uint8Array
  readonly inputTokens: number
  readonly outputTokens: number
}

export type ModelAnswer =
  | { readonly is: 'reply'; readonly reply: ModelReply; readonly model: string; readonly call: ModelCall }
  /** It answered, but not with a reply that can be used: asking once more may help. */
  | { readonly is: 'unusable'; readonly because: string; readonly call: ModelCall }
  /** It did not answer now: asking later may help. */
  | { readonly is: 'unavailable'; readonly because: string; readonly afterMs: number }
  /** It will not answer this: asking again cannot help. */
  | { readonly is: 'declined'; readonly rule: 'model' | 'model-quota'; readonly because: string; readonly next: string }

/** One structured call to a language model. What it says in `because` and `next` is safe to show to people. */
export type ModelPlanner = { readonly name: string; readonly plan: (request: ModelRequest) => Promise<ModelAnswer> }
