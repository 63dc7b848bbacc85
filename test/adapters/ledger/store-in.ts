import type { Database, Session } from '../../../src/adapters/ledger/database.ts'
import { sqlLedger } from '../../../src/adapters/ledger/sql-ledger.ts'
import { sqlProjections } from '../../../src/adapters/ledger/sql-projections.ts'
import { sqlQueue } from '../../../src/adapters/ledger/sql-queue.ts'
import { storeAt } from '../../../src/adapters/ledger/sql-snapshot.ts'
import { wakeup } from '../../../src/adapters/ledger/wakeup.ts'
import type { Snapshot } from '../../../src/app/ledger.ts'

export type Seen = ReturnType<typeof storeIn>

/** The store as the program reads it, inside one transaction. */
export function storeIn(session: Session) {
  const alone: Database = {
    ...session,
    transaction: (work) => work(session),
    exclusive: (work) => work(session),
    snapshot: (work) => work(session),
    listen: async () => async () => undefined,
    close: async () => undefined,
  }
  const snapshot: Snapshot = (look) => look(storeAt(session))
  return { ledger: sqlLedger(alone), queue: sqlQueue(alone, wakeup()), projections: sqlProjections(alone), snapshot }
}
