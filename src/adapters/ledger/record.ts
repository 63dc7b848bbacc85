import type { BlobWrite } from '../../app/ledger.ts'
import { BLOB_REDACTED } from '../../domain/redaction.ts'
import type { Session } from './database.ts'
import type { EffectEntry, Prepared } from './prepare.ts'

/** Notified of which there is something to take. */
export const WORK_CHANNEL = 'agentos_work'
/** Notified when blobs were erased, so that no process keeps what it read of them. */
export const ERASED_CHANNEL = 'agentos_erased'

/** In one statement, because each one more costs a round trip, and another parse where the database is in this process. */
const RECORD = `
  with recorded as (
    insert into agentos.event (pos, stream, seq, hash, prev_hash, body)
    select $1::bigint + place, stream, seq, hash, prev_hash, body
      from unnest($2::text[], $3::integer[], $4::text[], $5::text[], $6::text[])
      with ordinality as added(stream, seq, hash, prev_hash, body, place)
  ), kept as (
    insert into agentos.blob (sha256, bytes)
    select sha256, decode(base64, 'base64') from unnest($7::text[], $8::text[]) as added(sha256, base64)
    on conflict (sha256) do nothing
  ), intended as (${effectsFrom(9)})
  select pg_notify($19, 'effects') where cardinality($9::text[]) > 0`

/** Writes accepted appends behind position `after`, inside the transaction that judged them. */
export async function record(session: Session, accepted: readonly Prepared[], after: number): Promise<void> {
  if (accepted.length === 0) return
  const events = accepted.flatMap((one) => one.events)
  const blobs = accepted.flatMap(({ append }) => append.blobs)
  const effects = accepted.flatMap((one) => one.effects)
  await session.query(RECORD, [
    after,
    events.map(({ event }) => event.stream),
    events.map(({ event }) => event.seq),
    events.map(({ event }) => event.hash),
    events.map(({ event }) => event.prevHash),
    events.map(({ text }) => text),
    blobs.map(({ sha256 }) => sha256),
    blobs.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')),
    ...columnsOf(effects),
    WORK_CHANNEL,
  ])
  await close(session, accepted)
  await erase(session, accepted, after)
}

export async function recordBlob(session: Session, { sha256, bytes }: BlobWrite): Promise<void> {
  await session.query('insert into agentos.blob (sha256, bytes) values ($1, $2) on conflict (sha256) do nothing', [
    sha256,
    bytes,
  ])
}

export async function recordEffects(session: Session, entries: readonly EffectEntry[]): Promise<void> {
  if (entries.length > 0) await session.query(effectsFrom(1), columnsOf(entries))
}

/** Effects from ten parameters, a column each, of which `first` is the first. */
function effectsFrom(first: number): string {
  const types = ['text', 'text', 'integer', 'integer', 'text', 'text', 'text', 'text', 'text', 'integer']
  const columns = types.map((type, i) => `$${first + i}::${type}[]`)
  return `
    insert into agentos.effect (key, stream, seq, ordinal, type, body, due_at, ready_at, status, attempts)
    select * from unnest(${columns.join(', ')})`
}

function columnsOf(entries: readonly EffectEntry[]) {
  return [
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
  ]
}

/** Heard by all controllers once the transaction is committed. */
export async function wake(session: Session, those: 'effects' | 'deliveries'): Promise<void> {
  await session.query('select pg_notify($1, $2)', [WORK_CHANNEL, those])
}

/**
 * What is settled and cancelled is settled, and what is done stays done. What a delivery said is in the log now; that it
 * came is remembered, so that it is not taken twice.
 */
const CLOSE = `
  with abandoned as (
    update agentos.effect set status = 'abandoned'
     where key = any($1::text[]) and not key = any($2::text[]) and status <> 'done'
  ), done as (
    update agentos.effect set status = 'done' where key = any($2::text[]) and status <> 'done'
  )
  update agentos.delivery set status = 'handled', payload = '' where delivery_id = any($3::text[])`

/** Behind what is recorded, because a batch may close what it opens. */
async function close(session: Session, accepted: readonly Prepared[]): Promise<void> {
  const cancelled = accepted.flatMap(({ append }) => append.cancels ?? [])
  const settled = accepted.flatMap(({ append }) => append.settles ?? [])
  const consumed = accepted.flatMap(({ append }) => append.consumes ?? [])
  if (cancelled.length + settled.length + consumed.length > 0)
    await session.query(CLOSE, [cancelled, settled, consumed])
}

/** What events say was erased goes in the transaction that records them. */
async function erase(session: Session, accepted: readonly Prepared[], after: number): Promise<void> {
  const types = accepted.flatMap(({ events }) => events.map(({ event }) => event.type))
  const positions = types.flatMap((type, i) => (type === BLOB_REDACTED ? [after + 1 + i] : []))
  for (const position of positions) await session.query('select agentos.erase_blobs($1)', [position])
  if (positions.length > 0) await session.query(`select pg_notify($1, '')`, [ERASED_CHANNEL])
}
