import { afterAll, expect, it } from 'vitest'
import type { Database } from '../../../src/adapters/ledger/database.ts'
import { openDatabase } from '../../../src/adapters/ledger/open.ts'
import { pgliteDatabase } from '../../../src/adapters/ledger/pglite.ts'
import { LedgerUnavailable } from '../../../src/app/ledger.ts'
import { ledgerContract } from '../../contracts/ledger.ts'
import { queueContract } from '../../contracts/ledger-queue.ts'
import { sqlContract } from '../../contracts/ledger-sql.ts'

/** Starting PGlite takes seconds, so all tests share one and each begins with an empty database. */
const pglite = await pgliteDatabase()
afterAll(() => pglite.close())

ledgerContract('PGlite', async () => openDatabase(await empty()))
queueContract('PGlite', async () => openDatabase(await empty()))
sqlContract('PGlite', empty)

it('a PGlite that is closed is said to be unavailable', async () => {
  const closed = await pgliteDatabase()
  await closed.close()
  await expect(closed.query('select 1')).rejects.toThrow(LedgerUnavailable)
  await expect(closed.transaction(async () => 1)).rejects.toThrow(LedgerUnavailable)
})

async function empty(): Promise<Database> {
  await pglite.script('drop schema if exists agentos cascade')
  return { ...pglite, close: async () => {} }
}
