import { z } from 'zod'
import type { Inbox } from '../../app/ledger.ts'
import type { Database } from './database.ts'
import { later } from './instant.ts'
import { wake } from './record.ts'
import { toDelivery } from './rows.ts'
import type { Wakeup } from './wakeup.ts'

const RECEIVE = `
  insert into agentos.delivery (delivery_id, semantic_key, repository, event, payload, received_at)
  values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning delivery_id`

/** The oldest waiting delivery of a repository, unless another worker has it. */
const NEXT = `
  update agentos.delivery set owner = $1, until = $3, takes = takes + 1
   where status = 'waiting' and (until is null or until <= $2) and arrival = (
    select d.arrival from agentos.delivery d
     where d.status = 'waiting' and (d.until is null or d.until <= $2) and not exists (
       select 1 from agentos.delivery b
        where b.status = 'waiting' and b.repository is not distinct from d.repository and b.arrival < d.arrival)
     order by d.arrival limit 1 for update of d skip locked)
  returning delivery_id, repository, event, semantic_key, payload, received_at, takes`

/** The deliveries in a migrated database. */
export function sqlInbox(database: Database, { wait }: Pick<Wakeup, 'wait'>): Inbox {
  return {
    receive: (delivery) =>
      database.transaction(async (session) => {
        const { deliveryId, semanticKey, repository, event, payload, receivedAt } = delivery
        const rows = await session.query(RECEIVE, [deliveryId, semanticKey, repository, event, payload, receivedAt])
        if (rows.length === 0) return 'duplicate'
        await wake(session, 'deliveries')
        return 'new'
      }),
    async next(owner, now, leaseMs) {
      const [row] = await database.query(NEXT, [owner, now, later(now, leaseMs)])
      return row === undefined ? undefined : toDelivery(row)
    },
    waitForNext: wait,
    async waiting() {
      const [row] = await database.query(
        `select count(*)::int as waiting from agentos.delivery where status = 'waiting'`,
        [],
      )
      return z.object({ waiting: z.int() }).parse(row).waiting
    },
    async handled(deliveryId) {
      await database.exclusive(async (session) => {
        await session.query(`update agentos.delivery set status = 'handled', payload = '' where delivery_id = $1`, [
          deliveryId,
        ])
      })
    },
  }
}
