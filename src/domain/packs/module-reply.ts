import { z } from 'zod'
import { RecipeName } from '../control/recipe.ts'
import { refusalsOf } from '../control/refusal.ts'
import { list } from '../control/words.ts'
import { TreePath } from '../patch/edit.ts'
import { ok, type Result, refuse } from '../result.ts'

const MAX_CONTENT = 4 * 1024 * 1024
const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => value.isWellFormed(), 'holds half of a surrogate pair')
const sentence = text(1000).refine((value) => value.trim() !== '', 'is empty')
const Name = z.string().max(32)

/** One step of a module's plan, laid over what the steps before it left. */
export const ModuleEdit = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('create'),
    path: TreePath,
    content: text(MAX_CONTENT),
    executable: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('write'), path: TreePath, content: text(MAX_CONTENT) }),
  z.strictObject({
    kind: z.literal('replace'),
    path: TreePath,
    search: text(MAX_CONTENT).min(1),
    replace: text(MAX_CONTENT),
  }),
  z.strictObject({ kind: z.literal('rename'), from: TreePath, to: TreePath }),
  z.strictObject({ kind: z.literal('delete'), path: TreePath }),
  z.strictObject({ kind: z.literal('use'), recipe: RecipeName, params: z.record(Name, text(65_536)) }),
])
export type ModuleEdit = z.infer<typeof ModuleEdit>

/** What a module has to know before it can plan: always the value of one of its parameters. */
export const ModuleQuestion = z.strictObject({
  param: Name,
  text: sentence.exactOptional(),
  impact: text(500).exactOptional(),
  choices: list(text(200).min(1))
    .refine((choices) => choices.length <= 20, 'are more than 20')
    .default([]),
  default: text(2000).exactOptional(),
  evidence: list(TreePath)
    .refine((paths) => paths.length <= 10, 'are more than 10')
    .default([]),
})
export type ModuleQuestion = z.infer<typeof ModuleQuestion>

const Edits = z.strictObject({ edits: list(ModuleEdit).refine(({ length }) => length <= 5000, 'are more than 5000') })
const Questions = z.strictObject({
  questions: list(ModuleQuestion).refine(({ length }) => length > 0 && length <= 20, 'are none, or more than 20'),
})
const Refusal = z.strictObject({ refused: z.strictObject({ because: sentence, next: sentence }) })

/** What a module answers: a plan, questions to people, or a no. */
export type ModuleReply =
  | { readonly is: 'edits'; readonly edits: readonly ModuleEdit[] }
  | { readonly is: 'questions'; readonly questions: readonly ModuleQuestion[] }
  | { readonly is: 'refused'; readonly because: string; readonly next: string }

/** Reads what a module returned; anything but exactly one of the three answers is a fault of the module. */
export function parseModuleReply(value: unknown): Result<ModuleReply, string> {
  if (typeof value !== 'object' || value === null) return refuse('plan returned no object')
  if ('questions' in value) return parsed(Questions, value, ({ questions }) => ({ is: 'questions', questions }))
  if ('refused' in value) return parsed(Refusal, value, ({ refused }) => ({ is: 'refused', ...refused }))
  return parsed(Edits, value, ({ edits }) => ({ is: 'edits', edits }))
}

function parsed<T>(
  schema: z.ZodType<T>,
  value: object,
  toReply: (read: T) => ModuleReply,
): Result<ModuleReply, string> {
  const read = schema.safeParse(value)
  if (read.success) return ok(toReply(read.data))
  const [fault] = refusalsOf(read.error, '')
  return refuse(
    `plan returned something else than edits, questions or a refusal: ${fault?.key ?? ''}: ${fault?.reason ?? ''}`,
  )
}
