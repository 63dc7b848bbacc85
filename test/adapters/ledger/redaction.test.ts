import { afterAll } from 'vitest'
import type { Database } from '../../../src/adapters/ledger/database.ts'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { openDatabase } from '../../../src/adapters/ledger/open.ts'
import { pgDatabase } from '../../../src/adapters/ledger/pg.ts'
import { pgliteDatabase } from '../../../src/adapters/ledger/pglite.ts'
import { redactionContract } from '../../contracts/redaction.ts'
import { startPostgres } from '../../support/postgres.ts'

const server = await startPostgres()
const pglite = await pgliteDatabase()
afterAll(async () => {
  await pglite.close()
  await server.stop()
})

redactionContract('memory', async () => {
  const kept = memoryLedger()
  return { ...kept, close: async () => {}, everything: async () => textOf(kept) }
})
redactionContract('PGlite', async () => {
  await pglite.script('drop schema if exists agentos cascade')
  return inDatabase({ ...pglite, close: async () => {} })
})
redactionContract('PostgreSQL', async () => inDatabase(pgDatabase(await server.database())))

async function inDatabase(database: Database) {
  return { ...(await openDatabase(database)), everything: () => everyRow(database) }
}

/** All that SQL can see of every table, with bytes as text. */
async function everyRow(database: Database): Promise<string> {
  const tables = await database.query(`select tablename from pg_tables where schemaname = 'agentos' order by tablename`)
  const rows: string[] = []
  for (const { tablename } of tables)
    for (const row of await database.query(`select * from agentos.${String(tablename)} order by 1, 2`))
      rows.push(
        JSON.stringify(row, (_, value: unknown) => (isBytes(value) ? Buffer.from(value).toString('utf8') : value)),
      )
  return rows.join('\n')
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array
}

/** All that the ports of a memory ledger give. */
async function textOf({ ledger, queue, memory }: ReturnType<typeof memoryLedger>): Promise<string> {
  const logged = await ledger.log(1, 10_000)
  const streams = await ledger.streams('')
  const names = [...new Set(JSON.stringify(logged).match(/[0-9a-f]{64}/g))]
  const blobs = [...(await ledger.blobs(names)).values()].map((bytes) => Buffer.from(bytes).toString('utf8'))
  const effects = await Promise.all(streams.map((stream) => queue.list(stream)))
  const found = await memory.search({ installation: '12', repository: '10', text: 'zanzibar marmalade', limit: 100 })
  return JSON.stringify([logged, blobs, effects, found])
}
