import type { EffectQueue, ListedEffect, TakenEffect } from '../../app/ledger.ts'
import type { Instant, StreamName } from '../../domain/ids.ts'
import type { Database, Session } from './database.ts'
import { later } from './instant.ts'
import { ReadyRow, toListedEffect } from './rows.ts'
import type { Wakeup } from './wakeup.ts'

const COLUMNS = 'key, stream, type, body, due_at, ready_at, status, attempts, reason'

/** Open, and not behind another that must come first. Timers neither wait nor hold up. */
const TAKEABLE = `
  e.status in ('due', 'attempted')
  and (e.due_at is not null or not exists (
    select 1 from agentos.effect b
     where b.stream = e.stream and b.status in ('due', 'attempted') and b.due_at is null
       and (b.seq, b.ordinal) < (e.seq, e.ordinal)))`

/** The lease's condition is asked again when the row is written, so of two takers of a stream one goes without. */
const TAKE = `
  with candidate as (
    select e.* from agentos.effect e
     where ${TAKEABLE} and e.ready_at <= $2
       and not exists (select 1 from agentos.lease l where l.stream = e.stream and l.until > $2)
     order by e.ready_at, e.stream, e.seq, e.ordinal
     limit 1 for update of e skip locked
  ), leased as (
    insert into agentos.lease as l (stream, owner, until) select stream, $1, $3 from candidate
    on conflict (stream) do update set owner = excluded.owner, until = excluded.until where l.until <= $2
    returning stream, owner
  )
  select ${COLUMNS}, owner is not null as leased from candidate left join leased using (stream)`

const ATTEMPT = `
  with held as (
    select l.stream from agentos.lease l join agentos.effect e on e.stream = l.stream
     where e.key = $1 and l.owner = $2 and l.until > $3 for update of l
  )
  update agentos.effect e set status = 'attempted', attempts = e.attempts + 1, attempted_at = $3
    from held where e.stream = held.stream and e.key = $1 and e.status in ('due', 'attempted') returning e.key`

const RETRY = `
  update agentos.effect set status = 'due', ready_at = $2, reason = $3
   where key = $1 and status in ('due', 'attempted') returning key`

const NEXT_DUE = `
  select min(greatest(e.ready_at, coalesce(l.until, e.ready_at))) as ready
    from agentos.effect e left join agentos.lease l on l.stream = e.stream where ${TAKEABLE}`

/** The effects in a migrated database, for any number of workers in any number of processes. */
export function sqlQueue(database: Database, { call, wait }: Wakeup): EffectQueue {
  return {
    take: (owner, now, leaseMs) => take(database, [owner, now, later(now, leaseMs)]),
    attempt: async (key, owner, now) => (await database.query(ATTEMPT, [key, owner, now])).length > 0,
    retryAt: async (key, dueAt, reason) => (await database.query(RETRY, [key, dueAt, reason])).length > 0,
    async renew(stream, owner, until) {
      const rows = await database.query(
        'update agentos.lease set until = $3 where stream = $1 and owner = $2 returning stream',
        [stream, owner, until],
      )
      return rows.length > 0
    },
    async release(stream, owner) {
      await database.query('delete from agentos.lease where stream = $1 and owner = $2', [stream, owner])
      call()
    },
    list: (stream) => listedEffects(database, stream),
    waitForWork: wait,
    async nextDue() {
      const [row] = await database.query(NEXT_DUE)
      return ReadyRow.parse(row).ready ?? undefined
    },
  }
}

export async function listedEffects(session: Session, stream: StreamName): Promise<readonly ListedEffect[]> {
  const sql = `select ${COLUMNS} from agentos.effect where stream = $1 order by seq, ordinal`
  return (await session.query(sql, [stream])).map(toListedEffect)
}

/** Ends: a candidate that could not be leased is leased to another, so it is none the next time. */
async function take(
  database: Database,
  terms: readonly [owner: string, now: Instant, until: Instant],
): Promise<TakenEffect | undefined> {
  const [row] = await database.query(TAKE, terms)
  if (row === undefined) return undefined
  if (row['leased'] !== true) return take(database, terms)
  const { key, stream, type, body, dueAt, attempts } = toListedEffect(row)
  return { key, stream, type, body, dueAt, attempts }
}
