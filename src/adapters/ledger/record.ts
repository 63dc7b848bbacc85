import type { BlobWrite } from '../../app/ledger.ts'
import { BLOB_REDACTED } from '../../domain/redaction.ts'
import type { Session } from './database.ts'
import type { EffectEntry, Prepared } from './prepare.ts'

/** Notified of which there is something to take. */
export const WORK_CHANNEL = 'agentos_work'
/** Notified when blobs were erased, so that no process keeps what it read of them. */
export const ERASED_CHANNEL = 'agentos_erased'

/** Writes accepted appends behind position `after`, inside the transaction that judged them. */
export async function record(session: Session, accepted: readonly Prepared[], after: number): Promise<void> {
  await recordEvents(session, accepted, after)
  for (const blob of accepted.flatMap(({ append }) => append.blobs)) await recordBlob(session, blob)
  const effects = accepted.flatMap(({ effects }) => effects)
  await recordEffects(session, effects)
  await closeEffects(session, accepted)
  await closeDeliveries(session, accepted)
  await erase(session, accepted, after)
  if (effects.length > 0) await wake(session, 'effects')
}

export async function recordBlob(session: Session, { sha256, bytes }: BlobWrite): Promise<void> {
  await session.query('insert into agentos.blob (sha256, bytes) values ($1, $2) on conflict (sha256) do nothing', [
    sha256,
    bytes,
  ])
}

export async function recordEffects(session: Session, entries: readonly EffectEntry[]): Promise<void> {
  if (entries.length === 0) return
  await session.query(
    `insert into agentos.effect (key, stream, seq, ordinal, type, body, due_at, ready_at, status, attempts)
     select * from unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[],
                          $8::text[], $9::text[], $10::integer[])`,
    [
      entries.map(({ effect }) => effect.key),
      entries.map(({ effect }) => effect.stream),
      entries.map(({ seq }) => seq),
      entries.map(({ ordinal }) => ordinal),
      entries.map(({ effect }) => effect.type),
      entries.map(({ body }) => body),
      entries.map(({ effect }) => effect.dueAt),
      entries.map(({ readyAt }) => readyAt),
      entries.map(({ status }) => status),
      entries.map(({ attempts }) => attempts),
    ],
  )
}

/** Heard by all controllers once the transaction is committed. */
export async function wake(session: Session, those: 'effects' | 'deliveries'): Promise<void> {
  await session.query('select pg_notify($1, $2)', [WORK_CHANNEL, those])
}

async function recordEvents(session: Session, accepted: readonly Prepared[], after: number): Promise<void> {
  const texts = accepted.flatMap(({ events }) => events)
  if (texts.length === 0) return
  await session.query(
    `insert into agentos.event (pos, stream, seq, hash, prev_hash, body)
     select $1::bigint + place, stream, seq, hash, prev_hash, body
       from unnest($2::text[], $3::integer[], $4::text[], $5::text[], $6::text[])
       with ordinality as added(stream, seq, hash, prev_hash, body, place)`,
    [
      after,
      texts.map(({ event }) => event.stream),
      texts.map(({ event }) => event.seq),
      texts.map(({ event }) => event.hash),
      texts.map(({ event }) => event.prevHash),
      texts.map(({ text }) => text),
    ],
  )
}

/** Cancelled first, settled second: what is done stays done. */
async function closeEffects(session: Session, accepted: readonly Prepared[]): Promise<void> {
  const cancelled = accepted.flatMap(({ append }) => append.cancels ?? [])
  const settled = accepted.flatMap(({ append }) => append.settles ?? [])
  const close = `update agentos.effect set status = $1 where key = any($2::text[]) and status <> 'done'`
  if (cancelled.length > 0) await session.query(close, ['abandoned', cancelled])
  if (settled.length > 0) await session.query(close, ['done', settled])
}

/** What events say was erased goes in the transaction that records them. */
async function erase(session: Session, accepted: readonly Prepared[], after: number): Promise<void> {
  const types = accepted.flatMap(({ events }) => events.map(({ event }) => event.type))
  const positions = types.flatMap((type, i) => (type === BLOB_REDACTED ? [after + 1 + i] : []))
  for (const position of positions) await session.query('select agentos.erase_blobs($1)', [position])
  if (positions.length > 0) await session.query(`select pg_notify($1, '')`, [ERASED_CHANNEL])
}

/** What a delivery said is in the log now; that it came is remembered, so that it is not taken twice. */
async function closeDeliveries(session: Session, accepted: readonly Prepared[]): Promise<void> {
  const consumed = accepted.flatMap(({ append }) => append.consumes ?? [])
  if (consumed.length === 0) return
  await session.query(
    `update agentos.delivery set status = 'handled', payload = '' where delivery_id = any($1::text[])`,
    [consumed],
  )
}
