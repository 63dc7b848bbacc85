import { z } from 'zod'
import { canonicalJson, isSame, Json } from '../canonical.ts'
import { Sha256, sha256Hex } from '../hash.ts'
import { Instant, StreamName } from '../ids.ts'
import { isLonger, toUtf8 } from '../patch/bytes.ts'

/** An event holds no more than this; larger things are blobs that it names. */
export const MAX_EVENT_BYTES = 16 * 1024

/**
 * One recorded fact. `hash` is SHA-256 over the canonical event without `hash`; `prevHash` is that of the stream's event
 * before it, null for the first. An input tells what arrived or was observed; a decision follows from inputs alone and
 * names the input's hash as its `cause`. The members stand in the order of canonical text, so that hashing need not sort.
 */
export const EventEnvelope = z.strictObject({
  at: Instant,
  by: z.string().min(1).max(128),
  cause: Sha256.nullable(),
  data: z.record(z.string(), Json),
  hash: Sha256,
  kind: z.enum(['input', 'decision']),
  prevHash: Sha256.nullable(),
  seq: z.int().min(1),
  stream: StreamName,
  type: z.string().regex(/^[A-Z][A-Za-z]{2,48}$/),
  v: z.int().min(1),
})
export type EventEnvelope = z.infer<typeof EventEnvelope>

/** What an event is before its place in the stream is known. */
export type Unplaced = {
  readonly kind: 'input' | 'decision'
  readonly type: string
  readonly v: number
  readonly data: EventEnvelope['data']
  readonly by: string
  readonly at: Instant
}

/** What of a value is recorded: members that are undefined are left out. */
export function plain(data: unknown): Unplaced['data'] {
  return JSON.parse(JSON.stringify(data))
}

/** An event too large for the log: its content belongs in blobs. Always a bug on our side. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge'
}

/**
 * Places events behind `last` in a stream, chaining their hashes. The first must be the input; the rest are its decisions.
 * What is `recorded` is known to have the hash of its content: an event that says the same in the same place is that one.
 */
export function chain(
  stream: StreamName,
  last: EventEnvelope | undefined,
  events: readonly Unplaced[],
  recorded: readonly EventEnvelope[] = [],
): EventEnvelope[] {
  const placed: EventEnvelope[] = []
  let cause: Sha256 | null = null
  for (const event of events) {
    const isInput: boolean = event.kind === 'input'
    const at: Place = { stream, last: placed.at(-1) ?? last, cause: isInput ? null : cause }
    const next = place(at, event, recorded[placed.length])
    if (isInput) cause = next.hash
    placed.push(next)
  }
  return placed
}

/** Where an event comes to stand: behind the last one of its stream, and of what it follows. */
type Place = {
  readonly stream: StreamName
  readonly last: EventEnvelope | undefined
  readonly cause: Sha256 | null
}

/** Places events that another stream's input caused. */
export function chainCausedBy(
  { stream, last, cause }: Place,
  events: readonly Unplaced[],
  recorded: readonly EventEnvelope[] = [],
): EventEnvelope[] {
  const placed: EventEnvelope[] = []
  for (const event of events)
    placed.push(place({ stream, last: placed.at(-1) ?? last, cause }, event, recorded[placed.length]))
  return placed
}

function place({ stream, last, cause }: Place, event: Unplaced, recorded: EventEnvelope | undefined): EventEnvelope {
  const body = { stream, seq: (last?.seq ?? 0) + 1, prevHash: last?.hash ?? null, cause, ...event }
  if (recorded !== undefined && isSame({ ...body, hash: recorded.hash }, recorded)) return recorded
  const text = canonicalJson(body)
  if (isLonger(text, MAX_EVENT_BYTES))
    throw new EventTooLarge(`${event.type} in ${stream} has ${toUtf8(text).length} bytes`)
  return EventEnvelope.parse({ ...body, hash: sha256Hex(text) })
}

/** Each input of a stream with the decisions that follow it: what one append recorded. */
export function transitionsIn(events: readonly EventEnvelope[]): readonly (readonly EventEnvelope[])[] {
  const starts = events.flatMap(({ kind }, index) => (kind === 'input' ? [index] : []))
  return starts.map((start, nth) => events.slice(start, starts[nth + 1]))
}

/** What is wrong with a stream's chain, or undefined: sequence, links, causes and every hash are recomputed. */
export function faultInChain(stream: StreamName, events: readonly EventEnvelope[]): string | undefined {
  let before: EventEnvelope | undefined
  const inputs = new Set<Sha256>()
  for (const event of events) {
    const fault = faultInLink(stream, before, event)
    if (fault !== undefined) return `${stream}@${event.seq}: ${fault}`
    if (event.kind === 'input') inputs.add(event.hash)
    else if (stream.startsWith('run/') && (event.cause === null || !inputs.has(event.cause)))
      return `${stream}@${event.seq}: its cause is not an input of this stream`
    before = event
  }
  return undefined
}

function faultInLink(stream: StreamName, before: EventEnvelope | undefined, event: EventEnvelope): string | undefined {
  const [seq, hash] = before === undefined ? [0, null] : [before.seq, before.hash]
  if (event.stream !== stream) return `belongs to ${event.stream}`
  if (event.seq !== seq + 1) return `follows ${seq}`
  if (event.prevHash !== hash) return 'does not name the hash of the event before it'
  const { hash: stated, ...body } = event
  const text = canonicalJson(body)
  if (isLonger(text, MAX_EVENT_BYTES)) return 'is larger than an event can be'
  return sha256Hex(text) === stated ? undefined : 'its hash is not that of its content'
}
