import { z } from 'zod'

// Servers with strict structured outputs refuse limits on lengths in a schema: what is too long is refused where it is read.
const Path = z.string()

/** What a model may look at while it plans: the base commit, and nothing else. */
export const Look = z.union([
  z.strictObject({ tool: z.literal('list'), path: Path }),
  z.strictObject({ tool: z.literal('read'), path: Path, line: z.int().min(1) }),
  z.strictObject({ tool: z.literal('search'), text: z.string(), under: Path }),
])
export type Look = z.infer<typeof Look>

/** One change that a model proposes. AgentOS computes the exact edit; the model never names hashes or modes. */
export const ProposedEdit = z.union([
  z.strictObject({ is: z.literal('create'), path: z.string(), content: z.string() }),
  z.strictObject({ is: z.literal('rewrite'), path: z.string(), content: z.string() }),
  z.strictObject({ is: z.literal('replace'), path: z.string(), search: z.string(), replace: z.string() }),
  z.strictObject({ is: z.literal('rename'), path: z.string(), to: z.string() }),
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
  evidence: z.array(Path),
})
export type ProposedQuestion = z.infer<typeof ProposedQuestion>

/**
 * What a model answers: where it wants to look, or questions, or edits and commands with the files they rest on. Hostile
 * data like all drafts.
 */
export const ModelReply = z.strictObject({
  look: z.array(Look),
  questions: z.array(ProposedQuestion),
  edits: z.array(ProposedEdit),
  run: z.array(z.strictObject({ command: z.string(), outputs: z.array(Path) })),
  verify: z.array(z.strictObject({ command: z.string(), criteria: z.array(z.string()) })),
  reads: z.array(Path),
  evidence: z.array(Path),
})
export type ModelReply = z.infer<typeof ModelReply>
