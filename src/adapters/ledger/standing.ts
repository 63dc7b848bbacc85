import { z } from 'zod'
import type { Session } from './database.ts'
import { keysIn, type Prepared } from './prepare.ts'
import { EffectStatus } from './rows.ts'
import type { DeliveryStatus, Head, Standing } from './weigh.ts'

const NAMED = `
  select 'head' as kind, s.stream as name, e.seq::bigint as number, e.hash as text
    from unnest($1::text[]) as s(stream)
    cross join lateral (
      select seq, hash from agentos.event where stream = s.stream order by seq desc limit 1
    ) as e
  union all select 'effect', key, null, status from agentos.effect where key = any($2::text[])
  union all select 'delivery', delivery_id, null, status from agentos.delivery where delivery_id = any($3::text[])
  union all (select 'log', '', pos, hash from agentos.event order by pos desc limit 1)`

const Named = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['head', 'log']), name: z.string(), number: z.coerce.number(), text: z.string() }),
  z.object({ kind: z.literal('effect'), name: z.string(), text: EffectStatus }),
  z.object({ kind: z.literal('delivery'), name: z.string(), text: z.enum(['waiting', 'handled']) }),
])

/** Reads what a batch is judged by. The session must hold the append lock, so that it stays true until the commit. */
export async function standingOf(session: Session, batch: readonly Prepared[]): Promise<Standing> {
  const streams = new Set(batch.flatMap(({ append }) => append.expect.map(({ stream }) => stream)))
  const keys = new Set(batch.flatMap(keysIn))
  const deliveries = new Set(batch.flatMap(({ append }) => append.consumes ?? []))
  const rows = await session.query(NAMED, [[...streams], [...keys], [...deliveries]])
  return toStanding(rows.map((row) => Named.parse(row)))
}

function toStanding(named: readonly z.infer<typeof Named>[]): Standing {
  const heads = new Map<string, Head>()
  const effects = new Map<string, EffectStatus>()
  const deliveries = new Map<string, DeliveryStatus>()
  let pos = 0
  for (const row of named) {
    if (row.kind === 'effect') effects.set(row.name, row.text)
    else if (row.kind === 'delivery') deliveries.set(row.name, row.text)
    else if (row.kind === 'head') heads.set(row.name, { seq: row.number, hash: row.text })
    else pos = row.number
  }
  return { pos, heads, effects, deliveries }
}
