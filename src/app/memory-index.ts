import { z } from 'zod'
import { Sha256 } from '../domain/hash.ts'
import { ForeignId, Instant, StreamName } from '../domain/ids.ts'

/** One thing that a run left on record, as the index keeps it: a copy, made again from the log whenever that is wanted. */
export const MemoryRow = z.strictObject({
  stream: StreamName,
  seq: z.int().min(1),
  hash: Sha256,
  /** Tells apart what one event says of several things. */
  ordinal: z.int().min(0),
  installation: ForeignId,
  repository: ForeignId,
  type: z.enum(['decision', 'constraint', 'outcome', 'known_issue']),
  name: z.string().max(200),
  text: z.string().max(4000),
  scope: z.array(z.string().max(300)).min(1).max(20),
  confidence: z.int().min(0).max(100),
  /** The salted blob that the text is a copy of; null where the text is AgentOS's own. */
  words: Sha256.nullable(),
  at: Instant,
})
export type MemoryRow = z.infer<typeof MemoryRow>

/** Where and what to search: never beyond one repository of one installation. */
export type MemoryQuery = {
  readonly installation: ForeignId
  readonly repository: ForeignId
  readonly text: string
  readonly limit: number
}

/** What earlier runs left on record, searchable. A projection of the log: `reached` is the position up to which it was made. */
export type MemoryIndex = {
  reached(): Promise<number>
  /**
   * Keeps rows and how far the log is covered. A row that is kept already stays; one whose words are erased is not taken. What
   * is kept of a stream is forgotten with the append that erases some of its blobs.
   */
  keep(rows: readonly MemoryRow[], reached: number): Promise<void>
  /** The rows that share words or names with the text, the nearest first; of equals the newest. */
  search(query: MemoryQuery): Promise<readonly MemoryRow[]>
  /** Forgets everything, to be made again. */
  clear(): Promise<void>
}
