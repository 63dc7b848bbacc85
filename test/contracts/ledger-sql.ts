import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/adapters/ledger/database.ts'
import { type Migration, migrate, shippedMigrations } from '../../src/adapters/ledger/migrate.ts'
import { type OpenLedger, openDatabase } from '../../src/adapters/ledger/open.ts'
import { LedgerCorrupt } from '../../src/app/ledger.ts'
import { blob, delivery, given, observed, RUN, recording } from './ledger-examples.ts'

/** What the database itself refuses, whoever asks it. */
export function sqlContract(engine: string, empty: () => Promise<Database>): void {
  describe(`the database of a ledger in ${engine}`, () => {
    let database: Database
    let store: OpenLedger
    beforeEach(async () => {
      database = await empty()
      store = await openDatabase(database)
    })
    afterEach(() => store.close())

    it.each([
      `update agentos.event set body = body`,
      'delete from agentos.event',
      'truncate agentos.event',
      `update agentos.blob set bytes = bytes`,
      'delete from agentos.blob',
      'truncate agentos.blob',
    ])('refuses: %s', async (statement) => {
      const { event } = await given(store, RUN)
      const sha256 = await store.ledger.putBlob(blob('kept').bytes)
      await expect(database.query(statement)).rejects.toThrow('what was recorded stays')
      expect(await store.ledger.read(RUN)).toEqual([event])
      expect(await store.ledger.blob(sha256)).toBeDefined()
    })

    it('erases nothing that no event says was erased, whoever calls', async () => {
      await given(store, RUN)
      const sha256 = await store.ledger.putBlob(blob('kept').bytes)
      await expect(database.query('select agentos.erase_blobs(1)')).rejects.toThrow('without an event that says so')
      await expect(database.query('select agentos.erase_blobs(7)')).rejects.toThrow('without an event that says so')
      expect(await store.ledger.blob(sha256)).toBeDefined()
    })

    it('forgets what a delivery said once it is answered, and takes it no second time', async () => {
      await store.inbox.receive(delivery('one'))
      await store.inbox.receive(delivery('two'))
      await store.inbox.handled('one')
      await store.ledger.append(recording([observed(RUN)], { consumes: 'two' }))
      const rows = await database.query('select payload from agentos.delivery')
      expect(rows.map(({ payload }) => String(payload))).toEqual(['', ''])
      expect(await store.inbox.receive(delivery('one'))).toBe('duplicate')
    })

    it('refuses a gap in the log, a fork and a gap in a stream', async () => {
      const { event } = await given(store, RUN)
      const insert =
        'insert into agentos.event (pos, stream, seq, hash, prev_hash, body) values ($1, $2, $3, $4, $5, $6)'
      const other = 'f'.repeat(64)
      await expect(database.query(insert, [3, RUN, 2, other, event.hash, '{}'])).rejects.toThrow('left out')
      await expect(database.query(insert, [2, RUN, 2, other, other, '{}'])).rejects.toThrow('does not chain')
      await expect(database.query(insert, [2, RUN, 3, other, event.hash, '{}'])).rejects.toThrow('does not chain')
      await expect(database.query(insert, [2, 'run/x', 1, other, other, '{}'])).rejects.toThrow('does not chain')
      await expect(database.query(insert, [2, RUN, 2, other, null, '{}'])).rejects.toThrow('does not chain')
      await expect(database.query(insert, [2, RUN, 1, other, null, '{}'])).rejects.toThrow('event_stream_seq_key')
      await database.query(insert, [2, RUN, 2, other, event.hash, '{}'])
    })

    it('refuses a blob under a name that is not its hash, and an event beyond its size', async () => {
      const wrong = [blob('a').sha256, blob('b').bytes]
      await expect(database.query('insert into agentos.blob values ($1, $2)', wrong)).rejects.toThrow('blob_check')
      const large = [1, RUN, 1, 'f'.repeat(64), null, 'x'.repeat(16 * 1024 + 75)]
      await expect(database.query('insert into agentos.event values ($1, $2, $3, $4, $5, $6)', large)).rejects.toThrow(
        'event_body_check',
      )
    })

    it('gives no event out that was changed behind its back', async () => {
      await given(store, RUN)
      await database.script(`
        alter table agentos.event disable trigger event_stays;
        update agentos.event set body = replace(body, '"by":"test"', '"by":"mallory"');`)
      await expect(store.ledger.read(RUN)).rejects.toThrow(LedgerCorrupt)
      await expect(store.ledger.log(1, 1)).rejects.toThrow(LedgerCorrupt)
    })

    it('keeps an event as its canonical text', async () => {
      await given(store, RUN)
      const [row] = await database.query('select body from agentos.event')
      expect(JSON.parse(String(row?.['body']))).toEqual(observed(RUN))
    })

    it('is migrated once, however often it is opened', async () => {
      const { event } = await given(store, RUN)
      const shipped = await shippedMigrations()
      await Promise.all([migrate(database, shipped), migrate(database, shipped)])
      expect(await store.ledger.read(RUN)).toEqual([event])
      expect(await database.query('select version from agentos.migration')).toHaveLength(shipped.length)
    })

    it('is refused when it is newer than the program', async () => {
      const shipped = await shippedMigrations()
      const next: Migration = { version: shipped.length + 1, name: '9999-next.sql', sql: 'select 1' }
      await migrate(database, [...shipped, next])
      await expect(migrate(database, shipped)).rejects.toThrow('9999-next.sql')
    })

    it('is refused when its migrations are not the ones that the program has', async () => {
      const edited = (await shippedMigrations()).map((migration) => ({ ...migration, sql: `${migration.sql} --` }))
      await expect(migrate(database, edited)).rejects.toThrow('is not the one this program has')
    })

    it('is left as it was when a migration fails', async () => {
      const shipped = await shippedMigrations()
      const good: Migration = { version: shipped.length + 1, name: 'good.sql', sql: 'create table agentos.good ()' }
      const bad: Migration = { version: shipped.length + 2, name: 'bad.sql', sql: 'create table nonsense' }
      await expect(migrate(database, [...shipped, good, bad])).rejects.toThrow()
      const [row] = await database.query(`select to_regclass('agentos.good') is null as absent`)
      expect(row).toEqual({ absent: true })
      await migrate(database, shipped)
    })
  })
}
