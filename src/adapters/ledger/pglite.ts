import { PGlite, type Transaction } from '@electric-sql/pglite'
import { answered, type Database, type Parameter, type Row, type Session } from './database.ts'

/** Where the embedded database lies (in memory when absent), and a dumped one to start from. */
export type PgliteOptions = { readonly directory?: string; readonly template?: Blob }

/** PostgreSQL inside this process. The caller must hold the directory's lock: PGlite takes none. */
export async function pgliteDatabase({ directory, template }: PgliteOptions): Promise<Database> {
  const pglite = await PGlite.create({
    ...(directory === undefined ? {} : { dataDir: directory }),
    ...(template === undefined ? {} : { loadDataDir: template }),
  })
  return {
    ...sessionOf(pglite),
    transaction: (work) => pglite.transaction((tx) => work(sessionOf(tx))),
    async listen(channel, heard) {
      const unlisten = await pglite.listen(channel, heard)
      return () => unlisten()
    },
    close: () => pglite.close(),
  }
}

function sessionOf(connection: PGlite | Transaction): Session {
  return {
    async query(text: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
      const result = await answered(connection.query<Row>(text, [...parameters]))
      return result.rows
    },
    async script(text: string): Promise<void> {
      await answered(connection.exec(text))
    },
  }
}
