import { z } from 'zod'
import { Sha256 } from './hash.ts'
import { Instant, StreamName } from './ids.ts'
import type { EventEnvelope } from './run/envelope.ts'

/** Where the rounds in which the server decides its log again are recorded. */
export const REPLAY_STREAM: StreamName = 'replay/log'

/** A recorded decision that does not follow: where it stands, and its first member that differs. */
export const Parting = z.strictObject({
  pos: z.int().min(1),
  stream: StreamName,
  seq: z.int().min(1),
  type: z.string().max(64),
  field: z.string().max(200),
})
export type Parting = z.infer<typeof Parting>

/** One round names no more of them, so that its event stays within its size; all are counted. */
export const MOST_PARTINGS = 40

/** A part of the log was decided again: the positions from `from` up to `next`, by this engine. */
export const LogReplayed = z.strictObject({
  /** Which time the log is gone through; `began` is when this one began. */
  pass: z.int().min(1),
  began: Instant,
  from: z.int().min(1),
  next: z.int().min(1),
  /** The engine that began the newest run before `next`. */
  writer: Sha256.nullable(),
  engine: Sha256,
  divergences: z.int().min(0),
  changes: z.int().min(0),
  undecided: z.int().min(0),
  partings: z.array(Parting).max(MOST_PARTINGS),
})
export type LogReplayed = z.infer<typeof LogReplayed>

/** How far the log was decided again, and what does not follow in it as far as the last look at each place says. */
export type ReplayState = {
  readonly last: LogReplayed | null
  readonly partings: readonly Parting[]
}

export const neverReplayed: ReplayState = { last: null, partings: [] }

/** So many places are remembered; where there are more, the log is broken as a whole. */
const MOST_REMEMBERED = 1000

/** A part that is gone through again tells anew what does not follow in it. */
export function evolveReplay({ partings }: ReplayState, { data }: Pick<EventEnvelope, 'data'>): ReplayState {
  const last = LogReplayed.parse(data)
  const elsewhere = partings.filter(({ pos }) => pos < last.from || pos >= last.next)
  return { last, partings: [...elsewhere, ...last.partings].slice(-MOST_REMEMBERED) }
}

/** A new pass begins so long after the last one did. */
export const PASS_MS = 24 * 3_600_000
