import { z } from 'zod'
import { ObjectId, Sha256 } from '../hash.ts'
import { Instant } from '../ids.ts'

const Path = z.string().max(4096)

const Source = z.union([
  z.strictObject({ is: z.literal('file'), path: Path, blob: ObjectId }),
  /** `words` names the salted blob that the text is a copy of: whoever erases that finds the copy by it. */
  z.strictObject({ is: z.literal('event'), stream: z.string(), seq: z.int(), hash: Sha256, words: Sha256.nullable() }),
  z.strictObject({ is: z.literal('tree'), tree: ObjectId }),
])

export const MemoryType = z.enum([
  'fact',
  'outcome',
  'decision',
  'convention',
  'constraint',
  'known_issue',
  'playbook',
  'glossary',
])
export type MemoryType = z.infer<typeof MemoryType>

/** One thing that is known: where it is known from, what it is about, how sure it is (in percent), and until when it holds. */
export const MemoryItem = z.strictObject({
  type: MemoryType,
  name: z.string().max(200),
  value: z.string().max(65_536),
  /** Globs of the paths that it is about. */
  scope: z.array(z.string().max(300)).min(1).max(20),
  confidence: z.int().min(0).max(100),
  expires: Instant.nullable(),
  source: Source,
})
export type MemoryItem = z.infer<typeof MemoryItem>

/** A file of the map, with names that it defines; `score` has a meaning beside other files of the same map only. */
export const MappedFile = z.strictObject({
  path: Path,
  blob: ObjectId,
  score: z.int().min(0),
  symbols: z.array(z.strictObject({ name: z.string().max(100), line: z.int().min(1) })).max(50),
})
export type MappedFile = z.infer<typeof MappedFile>

/** Lines of a file of the base, chosen for the Intent: the blob and the lines say which bytes they are. */
export const ChosenExcerpt = z.strictObject({
  path: Path,
  blob: ObjectId,
  lines: z
    .array(z.strictObject({ from: z.int().min(1), to: z.int().min(1) }))
    .min(1)
    .max(500),
  tokens: z.int().min(0),
})
export type ChosenExcerpt = z.infer<typeof ChosenExcerpt>

/** What is known about the repository, pinned to the base commit, and the part of it that one Intent needs. */
export const MemoryPack = z.strictObject({
  v: z.literal(1),
  base: z.strictObject({ sha: ObjectId, tree: ObjectId, files: z.int().min(0) }),
  /** The Intent that map and excerpts were chosen for; null where they were chosen for a text of no run. */
  intent: Sha256.nullable(),
  languages: z
    .array(z.strictObject({ name: z.string().max(64), files: z.int().min(1), bytes: z.int().min(0) }))
    .max(60),
  packageManager: z.string().max(64).nullable(),
  scripts: z.array(z.strictObject({ name: z.string().max(200), command: z.string().max(16_384) })).max(1000),
  makeTargets: z.array(z.string().max(200)).max(1000),
  testCommand: z.array(z.string().max(1024)).max(32).nullable(),
  tests: z.strictObject({ files: z.int().min(0), folders: z.array(Path).max(20) }),
  workflows: z.array(Path).max(200),
  codeowners: Path.nullable(),
  conventions: z.array(Path).max(200),
  items: z.array(MemoryItem).max(2000),
  map: z.strictObject({
    budget: z.int().min(0),
    tokens: z.int().min(0),
    /** Files whose content was read to rank them; the others were ranked by their paths. */
    read: z.int().min(0),
    files: z.array(MappedFile).max(1000),
    excerpts: z.array(ChosenExcerpt).max(100),
  }),
  /** Memory that counts for nothing here, each with the reason. */
  leftOut: z.array(z.strictObject({ name: z.string().max(200), because: z.string().max(300) })).max(500),
  emptyBecause: z.string().max(500).nullable(),
})
export type MemoryPack = z.infer<typeof MemoryPack>
