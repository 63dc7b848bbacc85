import { afterAll } from 'vitest'
import { openDatabase } from '../../../src/adapters/ledger/open.ts'
import { pgDatabase } from '../../../src/adapters/ledger/pg.ts'
import { ledgerContract } from '../../contracts/ledger.ts'
import { queueContract } from '../../contracts/ledger-queue.ts'
import { sqlContract } from '../../contracts/ledger-sql.ts'
import { startPostgres } from '../../support/postgres.ts'

const server = await startPostgres()
afterAll(() => server.stop())

ledgerContract('PostgreSQL', async () => openDatabase(await empty()))
queueContract('PostgreSQL', async () => openDatabase(await empty()))
sqlContract('PostgreSQL', empty)

async function empty() {
  return pgDatabase(await server.database())
}
