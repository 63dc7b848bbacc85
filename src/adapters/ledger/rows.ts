import { z } from 'zod'
import { type IntendedEffect, LedgerCorrupt, type ListedEffect, type TakenDelivery } from '../../app/ledger.ts'
import type { Canonical } from '../../domain/canonical.ts'
import { isCanonical, parseCanonical } from '../../domain/canonical.ts'
import { Sha256 } from '../../domain/hash.ts'
import { EffectKey, ForeignId, Instant, StreamName } from '../../domain/ids.ts'

export const EffectStatus = z.enum(['due', 'attempted', 'done', 'abandoned'])
export type EffectStatus = z.infer<typeof EffectStatus>

const Bytes = z.instanceof(Uint8Array).transform((bytes) => new Uint8Array(bytes))

/** Rows as either engine gives them: a bigint is a number in one and text in the other. */
export const LogRow = z.object({ pos: z.coerce.number(), body: z.string() })
export const PositionRow = LogRow.pick({ pos: true })
export const HeadRow = z.object({ pos: z.coerce.number(), hash: Sha256 })
export const BlobRow = z.object({ sha256: Sha256, bytes: Bytes })
export const StreamRow = z.object({ stream: StreamName })
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

export function toListedEffect(row: unknown): ListedEffect {
  const { key, stream, type, body, due_at, ready_at, status, attempts, reason } = EffectRow.parse(row)
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
