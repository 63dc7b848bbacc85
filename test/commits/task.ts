import { z } from 'zod'

/** One commit for a lane; the turn says how git is to write its patch. */
export const Task = z.object({
  commit: z.object({ id: z.string(), parent: z.string(), tree: z.string(), parentTree: z.string() }),
  turn: z.int(),
})
export type Task = z.infer<typeof Task>

export const Answer = z.union([
  z.object({ is: z.literal('identical') }),
  z.object({ is: z.literal('refused'), rules: z.array(z.string()) }),
  z.object({ is: z.literal('different'), because: z.string() }),
])
