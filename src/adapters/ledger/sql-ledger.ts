import type { Ledger, ReadLedger } from '../../app/ledger.ts'
import { LedgerCorrupt } from '../../app/ledger.ts'
import { type Sha256, sha256Hex } from '../../domain/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { groupCommit } from './append.ts'
import type { Database, Session } from './database.ts'
import { recordBlob } from './record.ts'
import { BlobRow, HeadRow, LOG_COLUMNS, PositionRow, toLoggedEvent, toStream } from './rows.ts'
import { followed } from './text.ts'

/** The ledger in a migrated database. */
export function sqlLedger(database: Database): Ledger {
  return {
    ...reading(database),
    append: groupCommit(database),
    async putBlob(bytes) {
      const sha256 = sha256Hex(bytes)
      await recordBlob(database, { sha256, bytes })
      return sha256
    },
  }
}

/** The ledger as it is read in one session. */
export function reading(session: Session): ReadLedger {
  return {
    read: (stream) => readFrom(session, stream),
    async readBehind(known) {
      const { stream, seq, hash } = known
      const sql = `select ${LOG_COLUMNS} from agentos.event where stream = $1 and seq >= $2 order by seq`
      const [first, ...added] = (await session.query(sql, [stream, seq])).map((row) => toLoggedEvent(row).event)
      return first?.hash === hash ? followed(stream, added, known) : undefined
    },
    async positions(stream) {
      const rows = await session.query('select pos from agentos.event where stream = $1 order by seq', [stream])
      return rows.map((row) => PositionRow.parse(row).pos)
    },
    blob: async (sha256) => (await blobs(session, [sha256])).get(sha256),
    blobs: (sha256s) => blobs(session, sha256s),
    async streams(prefix) {
      const rows = await session.query(
        'select stream from agentos.event where seq = 1 and starts_with(stream, $1) order by stream',
        [prefix],
      )
      return rows.map(toStream)
    },
    async log(from, limit) {
      const sql = `select ${LOG_COLUMNS} from agentos.event where pos >= $1 order by pos limit $2`
      return (await session.query(sql, [from, limit])).map(toLoggedEvent)
    },
    async head() {
      const [row] = await session.query('select pos, hash from agentos.event order by pos desc limit 1')
      return row === undefined ? undefined : HeadRow.parse(row)
    },
  }
}

/** One stream, its chain followed. */
export async function readFrom(session: Session, stream: StreamName): Promise<readonly EventEnvelope[]> {
  const sql = `select ${LOG_COLUMNS} from agentos.event where stream = $1 order by seq`
  const events = (await session.query(sql, [stream])).map(toLoggedEvent)
  return followed(
    stream,
    events.map(({ event }) => event),
  )
}

async function blobs(session: Session, sha256s: readonly Sha256[]): Promise<ReadonlyMap<Sha256, Uint8Array>> {
  if (sha256s.length === 0) return new Map()
  const rows = await session.query('select sha256, bytes from agentos.blob where sha256 = any($1::text[])', [sha256s])
  const found = rows.map((row) => BlobRow.parse(row))
  const wrong = found.find(({ sha256, bytes }) => sha256Hex(bytes) !== sha256)
  if (wrong !== undefined) throw new LedgerCorrupt(`blob ${wrong.sha256} is not what its name says`)
  return new Map(found.map(({ sha256, bytes }) => [sha256, bytes]))
}
