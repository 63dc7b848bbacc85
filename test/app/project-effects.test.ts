import { afterAll } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { openDatabase } from '../../src/adapters/ledger/open.ts'
import { pgDatabase } from '../../src/adapters/ledger/pg.ts'
import { pgliteDatabase } from '../../src/adapters/ledger/pglite.ts'
import { rebuiltEffectsContract } from '../contracts/rebuilt-effects.ts'
import { startPostgres } from '../support/postgres.ts'

/** Both take seconds to start, so each is shared and every test begins with an empty database. */
const server = await startPostgres()
const pglite = await pgliteDatabase()
afterAll(async () => {
  await pglite.close()
  await server.stop()
})

rebuiltEffectsContract('memory', async () => ({ ...memoryLedger(), close: async () => {} }))
rebuiltEffectsContract('PGlite', async () => {
  await pglite.script('drop schema if exists agentos cascade')
  return openDatabase({ ...pglite, close: async () => {} })
})
rebuiltEffectsContract('PostgreSQL', async () => openDatabase(pgDatabase(await server.database())))
