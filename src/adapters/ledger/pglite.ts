import { PGlite, type Transaction } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import {
  answered,
  type Database,
  isLost,
  type Parameter,
  type Row,
  type Session,
  unavailable,
  uncertain,
} from './database.ts'

/**
 * PostgreSQL inside this process: in `directory`, whose lock the caller must hold because PGlite takes none, or without
 * one in memory.
 */
export async function pgliteDatabase(directory?: string): Promise<Database> {
  const extensions = { pg_trgm }
  const pglite = await PGlite.create(directory === undefined ? { extensions } : { extensions, dataDir: directory })
  return {
    ...sessionOf(pglite),
    transaction: (work) => transact(pglite, work),
    // There is one session, whose transactions wait for each other.
    exclusive: (work) => transact(pglite, work),
    snapshot: (work) => transact(pglite, (session) => readingOnly(session, work)),
    async listen(channel, heard) {
      const unlisten = await pglite.listen(channel, heard)
      return () => unlisten()
    },
    close: () => pglite.close(),
  }
}

async function readingOnly<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  await session.script('set transaction isolation level repeatable read, read only')
  return work(session)
}

async function transact<T>(pglite: PGlite, work: (session: Session) => Promise<T>): Promise<T> {
  let stage: 'beginning' | 'working' | 'committing' = 'beginning'
  async function staged(tx: Transaction): Promise<T> {
    stage = 'working'
    const value = await work(sessionOf(tx))
    stage = 'committing'
    return value
  }
  try {
    return await pglite.transaction(staged)
  } catch (error) {
    throw isLost(error) ? lostWhile(stage, error) : error
  }
}

/** What `work` threw is its own affair. */
function lostWhile(stage: 'beginning' | 'working' | 'committing', error: unknown): unknown {
  if (stage === 'beginning') return unavailable('beginning', error)
  return stage === 'committing' ? uncertain(error) : error
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
