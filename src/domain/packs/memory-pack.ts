import { z } from 'zod'
import { ObjectId, Sha256 } from '../hash.ts'

const Source = z.union([
  z.strictObject({ is: z.literal('file'), path: z.string().max(4096), blob: ObjectId }),
  z.strictObject({ is: z.literal('event'), stream: z.string(), seq: z.int(), hash: Sha256 }),
  z.strictObject({ is: z.literal('tree'), tree: ObjectId }),
])

/** One thing that is known, with where it is known from. */
export const MemoryItem = z.strictObject({
  type: z.enum(['fact', 'convention', 'decision', 'outcome', 'memory']),
  name: z.string().max(200),
  value: z.string().max(65_536),
  source: Source,
})
export type MemoryItem = z.infer<typeof MemoryItem>

/** What is known about the repository, pinned to the base commit. */
export const MemoryPack = z.strictObject({
  v: z.literal(1),
  base: z.strictObject({ sha: ObjectId, tree: ObjectId, files: z.int().min(0) }),
  packageManager: z.string().max(64).nullable(),
  scripts: z.array(z.strictObject({ name: z.string().max(200), command: z.string().max(16_384) })).max(1000),
  makeTargets: z.array(z.string().max(200)).max(1000),
  testCommand: z.array(z.string().max(1024)).max(32).nullable(),
  codeowners: z.string().max(4096).nullable(),
  items: z.array(MemoryItem).max(2000),
  emptyBecause: z.string().max(500).nullable(),
})
export type MemoryPack = z.infer<typeof MemoryPack>
