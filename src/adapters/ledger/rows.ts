import { z } from 'zod'
import {
  type IntendedEffect,
  LedgerCorrupt,
  type ListedEffect,
  type LoggedEvent,
  type TakenDelivery,
} from '../../app/ledger.ts'
import type { Canonical } from '../../domain/canonical.ts'
import { isCanonical, parseCanonical } from '../../domain/canonical.ts'
import { Sha256 } from '../../domain/hash.ts'
import { EffectKey, ForeignId, Instant, StreamName } from '../../domain/ids.ts'
import { placeOf, readEvent } from './text.ts'

export const EffectStatus = z.enum(['due', 'attempted', 'done', 'abandoned'])
export type EffectStatus = z.infer<typeof EffectStatus>

const Bytes = z.instanceof(Uint8Array).transform((bytes) => new Uint8Array(bytes))

/** Rows as either engine gives them: a bigint is a number in one and text in the other. */
export const LogRow = z.object({
  pos: z.coerce.number(),
  stream: z.string(),
  seq: z.number(),
  hash: z.string(),
  prev_hash: z.string().nullable(),
  body: z.string(),
})
/** The columns of an event in the order that `LogRow` names them. */
export const LOG_COLUMNS = 'pos, stream, seq, hash, prev_hash, body'
export const PositionRow = LogRow.pick({ pos: true })
export const CheckpointRow = z.object({ file: z.string() })
export const HeadRow = z.object({ pos: z.coerce.number(), hash: Sha256 })
export const BlobRow = z.object({ sha256: Sha256, bytes: Bytes })
const StreamRow = z.object({ stream: StreamName })
export const ReadyRow = z.object({ ready: Instant.nullable() })

const EffectRow = z.object({
  key: EffectKey,
  stream: StreamName,
  type: z.string(),
  body: z.string(),
  due_at: Instant.nullable(),
  ready_at: Instant,
  status: EffectStatus,
  attempts: z.number(),
  reason: z.string().nullable(),
})

const DeliveryRow = z.object({
  delivery_id: z.string(),
  repository: ForeignId.nullable(),
  event: z.string(),
  semantic_key: z.string(),
  payload: Bytes,
  received_at: Instant,
  takes: z.number(),
})

/** Reads one event back. What its row says beside the recorded text must be what the text says. */
export function toLoggedEvent(row: unknown): LoggedEvent {
  const { pos, body, ...beside } = LogRow.parse(row)
  const event = readEvent(body)
  const said = { stream: event.stream, seq: event.seq, hash: event.hash, prev_hash: event.prevHash }
  const wrong = Object.entries(said).find(([column, value]) => value !== new Map(Object.entries(beside)).get(column))
  if (wrong === undefined) return { pos, event }
  throw new LedgerCorrupt(`position ${pos} has another ${wrong[0]} in its row than in the event ${placeOf(event)}`)
}

export function toStream(row: unknown): StreamName {
  const parsed = StreamRow.safeParse(row)
  if (parsed.success) return parsed.data.stream
  throw new LedgerCorrupt('a row is filed under a stream that there cannot be')
}

export function toListedEffect(row: unknown): ListedEffect {
  const parsed = EffectRow.safeParse(row)
  if (!parsed.success)
    throw new LedgerCorrupt(`an effect is listed with another ${parsed.error.issues[0]?.path[0]?.toString() ?? 'form'}`)
  const { key, stream, type, body, due_at, ready_at, status, attempts, reason } = parsed.data
  return { key, stream, type, body: toBody(key, body), dueAt: due_at, readyAt: ready_at, status, attempts, reason }
}

export function toDelivery(row: unknown): TakenDelivery {
  const { delivery_id, repository, event, semantic_key, payload, received_at, takes } = DeliveryRow.parse(row)
  return {
    deliveryId: delivery_id,
    repository,
    event,
    semanticKey: semantic_key,
    payload,
    receivedAt: received_at,
    takes,
  }
}

/** Reads the canonical text of an effect's body back. */
export function toBody(key: EffectKey, text: string): IntendedEffect['body'] {
  const body = parseCanonical(text)
  if (!isBody(body)) throw new LedgerCorrupt(`the body of effect ${key} is not what was recorded`)
  return body
}

function isBody(value: Canonical | undefined): value is IntendedEffect['body'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isCanonical(value)
}
