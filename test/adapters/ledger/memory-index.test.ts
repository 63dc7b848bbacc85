import { afterAll, describe, expect, it } from 'vitest'
import type { Database } from '../../../src/adapters/ledger/database.ts'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { MigrationRefused, migrate, shippedMigrations } from '../../../src/adapters/ledger/migrate.ts'
import { openDatabase } from '../../../src/adapters/ledger/open.ts'
import { pgDatabase } from '../../../src/adapters/ledger/pg.ts'
import { pgliteDatabase } from '../../../src/adapters/ledger/pglite.ts'
import { memoryIndexContract } from '../../contracts/memory-index.ts'
import { startPostgres } from '../../support/postgres.ts'

const server = await startPostgres()
const pglite = await pgliteDatabase()
afterAll(async () => {
  await pglite.close()
  await server.stop()
})

async function emptyPglite(): Promise<Database> {
  await pglite.script('drop schema if exists agentos cascade')
  return { ...pglite, close: async () => {} }
}

const emptyPostgres = async () => pgDatabase(await server.database())

memoryIndexContract('memory', async () => ({ ...memoryLedger(), close: async () => {} }))
memoryIndexContract('PGlite', async () => openDatabase(await emptyPglite()))
memoryIndexContract('PostgreSQL', async () => openDatabase(await emptyPostgres()))

describe.each([
  ['PGlite', emptyPglite],
  ['PostgreSQL', emptyPostgres],
] as const)('a database in %s', (_, empty) => {
  it('is refused where an extension cannot be created, and left as it was', async () => {
    const database = await empty()
    const shipped = await shippedMigrations()
    const sql = '-- needs extension: no_such_extension\ncreate table agentos.later ()'
    const next = { version: shipped.length + 1, name: 'later.sql', sql }
    const migrated = migrate(database, [...shipped, next])
    await expect(migrated).rejects.toThrow(MigrationRefused)
    await expect(migrated).rejects.toThrow(/later\.sql needs the extension no_such_extension/)
    await migrate(database, shipped)
    await database.close()
  })
})
