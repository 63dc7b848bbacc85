import { Client, type ClientConfig, Pool, type PoolClient } from 'pg'
import { AppendUncertain, LedgerUnavailable } from '../../app/ledger.ts'
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

const POOL_SIZE = 8
const CONNECT_MS = 10_000
const RELISTEN_MS = 250

/** A server that fell silent counts as lost, and a controller that fell silent must not hold the append lock for ever. */
const SILENCE_MS = 60_000

/** A PostgreSQL server. Nothing is connected until the first query. */
export function pgDatabase(databaseUrl: string): Database {
  const settings = { connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS, keepAlive: true }
  const pool = new Pool({
    ...settings,
    max: POOL_SIZE,
    query_timeout: SILENCE_MS,
    idle_in_transaction_session_timeout: SILENCE_MS,
  })
  pool.on('error', ignore)
  const closing = new AbortController()
  const listeners = new Set<() => Promise<void>>()

  async function listen(channel: string, heard: Listening['heard']): Promise<() => Promise<void>> {
    const unlisten = await keepListening(settings, { channel, heard, closing: closing.signal })
    listeners.add(unlisten)
    return async () => {
      listeners.delete(unlisten)
      await unlisten()
    }
  }

  async function close(): Promise<void> {
    closing.abort()
    await Promise.all([...listeners].map((unlisten) => unlisten()))
    await pool.end()
  }

  return {
    query: (text, parameters) => withClient(pool, (client) => sessionOf(client).query(text, parameters)),
    script: (text) => withClient(pool, (client) => sessionOf(client).script(text)),
    transaction: (work) => withClient(pool, (client) => transact(client, BEGIN, work)),
    exclusive: (work) => withClient(pool, (client) => transact(client, BEGIN_ALONE, work)),
    snapshot: (work) => withClient(pool, (client) => transact(client, BEGIN_READING, work)),
    listen,
    close,
  }
}

async function withClient<T>(pool: Pool, use: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await connect(pool)
  client.on('error', ignore)
  let broken = false
  try {
    return await use(client)
  } catch (error) {
    broken = error instanceof LedgerUnavailable || error instanceof AppendUncertain
    throw error
  } finally {
    client.off('error', ignore)
    client.release(broken)
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw unavailable('connecting', error)
  }
}

const BEGIN = 'begin isolation level read committed'
/** Each statement reads what was committed before it, so what is read behind the lock stays true until the commit. */
const BEGIN_ALONE = `${BEGIN}; select pg_advisory_xact_lock(7015204221)`
const BEGIN_READING = 'begin isolation level repeatable read, read only'

async function transact<T>(client: PoolClient, begin: string, work: (session: Session) => Promise<T>): Promise<T> {
  const value = await rollingBack(client, async (session) => {
    await session.script(begin)
    return work(session)
  })
  try {
    await client.query('commit')
  } catch (error) {
    throw isLost(error) ? uncertain(error) : error
  }
  return value
}

async function rollingBack<T>(client: PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await work(sessionOf(client))
  } catch (error) {
    await client.query('rollback').catch(ignore)
    throw error
  }
}

function sessionOf(client: PoolClient): Session {
  return {
    async query(text: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
      const result = await answered(client.query<Row>(text, [...parameters]))
      return result.rows
    },
    async script(text: string): Promise<void> {
      await answered(client.query(text))
    },
  }
}

type Listening = {
  readonly channel: string
  readonly heard: (about?: string) => void
  readonly closing: AbortSignal
}

/** Holds a connection of its own, and opens another whenever that is lost. */
async function keepListening(settings: ClientConfig, listening: Listening): Promise<() => Promise<void>> {
  const stop = new AbortController()
  const stopped = AbortSignal.any([stop.signal, listening.closing])
  let current = await listenOnce(settings, listening)
  let waiting: NodeJS.Timeout | undefined

  async function again(): Promise<void> {
    try {
      const next = await listenOnce(settings, listening)
      if (stopped.aborted) return await next.end()
      current = next
      current.once('end', later)
      listening.heard()
    } catch {
      later()
    }
  }
  function later(): void {
    if (!stopped.aborted) waiting = setTimeout(() => void again(), RELISTEN_MS)
  }

  current.once('end', later)
  return async () => {
    stop.abort()
    clearTimeout(waiting)
    await current.end().catch(ignore)
  }
}

async function listenOnce(settings: ClientConfig, { channel, heard }: Listening): Promise<Client> {
  const client = newClient(settings)
  client.on('error', ignore)
  client.on('notification', ({ payload }) => heard(payload))
  try {
    await client.connect()
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
  } catch (error) {
    await client.end().catch(ignore)
    throw unavailable('listening', error)
  }
  return client
}

function newClient(settings: ClientConfig): Client {
  try {
    return new Client(settings)
  } catch (error) {
    throw unavailable('connecting', error)
  }
}

/** A lost connection is told by the query that meets it. */
function ignore(): void {}
