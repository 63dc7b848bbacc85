import type { Database } from '../src/adapters/ledger/database.ts'
import { openDatabase } from '../src/adapters/ledger/open.ts'
import { pgDatabase } from '../src/adapters/ledger/pg.ts'
import { pgliteDatabase } from '../src/adapters/ledger/pglite.ts'
import type { Ledger } from '../src/app/ledger.ts'
import { canonicalJson } from '../src/domain/canonical.ts'
import type { EventEnvelope } from '../src/domain/run/envelope.ts'
import { comment, observed, recording } from '../test/contracts/ledger-examples.ts'
import { startPostgres } from '../test/support/postgres.ts'
import type { Benchmark, Comparison, Contender } from './compare.ts'
import { type EmmettStore, emmettIn } from './emmett.ts'

export const ledgerInPostgres: Benchmark = {
  says: 'an append with one effect, each caller on its own stream, against one INSERT of the same event, and against one event appended by Emmett, which keeps no effects, in PostgreSQL',
  budgetMs: 10_000,
  async open() {
    const server = await startPostgres()
    const store = await storeIn(pgDatabase(await server.database()))
    const emmett = await emmettIn(await server.database())
    if ('missing' in emmett) console.log(`  ${emmett.missing}`)
    return {
      comparisons: CALLERS.map((callers) => {
        const comparison = appending(store, callers)
        if ('missing' in emmett) return comparison
        return { ...comparison, contenders: [...comparison.contenders, besides(emmett, callers)] }
      }),
      async close() {
        await store.close()
        if (!('missing' in emmett)) await emmett.close()
        await server.stop()
      },
    }
  },
}

export const ledgerInPglite: Benchmark = {
  says: 'an append with one effect, each caller on its own stream, against one INSERT of the same event, in PGlite',
  async open() {
    const store = await storeIn(await pgliteDatabase())
    return { comparisons: CALLERS.map((callers) => appending(store, callers)), close: store.close }
  },
}

const CALLERS = [1, 8, 64]

async function storeIn(database: Database) {
  const { ledger, close } = await openDatabase(database)
  await database.script('create table bare (id bigint generated always as identity primary key, body text not null)')
  return { database, ledger, close }
}

type Store = Awaited<ReturnType<typeof storeIn>>

function appending({ database, ledger }: Store, callers: number): Comparison {
  const appenders = Array.from({ length: callers }, (_, i) => appender(ledger, `run/c${callers}x${i}`))
  const body = canonicalJson(observed('run/example'))
  const insert = () => database.query('insert into bare (body) values ($1)', [body])
  return {
    about: callers === 1 ? '1 caller' : `${callers} callers`,
    unit: 'appends',
    items: callers,
    contenders: [
      { name: 'bare INSERT', run: () => Promise.all(appenders.map(insert)) },
      { name: 'ledger append', run: () => Promise.all(appenders.map((append) => append())) },
    ],
  }
}

function besides(emmett: EmmettStore, callers: number): Contender {
  const appenders = Array.from({ length: callers }, (_, i) => emmett.appender(`run-c${callers}x${i}`))
  const event = observed('run/example')
  return { name: 'Emmett append', run: () => Promise.all(appenders.map((append) => append(event))) }
}

function appender(ledger: Ledger, stream: string): () => Promise<void> {
  const last: { event?: EventEnvelope } = {}
  return async () => {
    const event = observed(stream, last.event)
    const outcome = await ledger.append(recording([event], { effects: [comment(event, 0)] }))
    if (outcome.is !== 'appended') throw new Error(`not appended: ${outcome.is}`)
    last.event = event
  }
}
