import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenLedger, openLedger } from '../../../src/adapters/ledger/open.ts'
import { AppendUncertain, LedgerUnavailable } from '../../../src/app/ledger.ts'
import { type EventEnvelope, faultInChain } from '../../../src/domain/run/envelope.ts'
import { given, observed, RUN, recording } from '../../contracts/ledger-examples.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres.ts'
import { startCuttingProxy } from './cutting-proxy.ts'

const NEVER = 10 * 60_000

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

it('a server that is killed and restarted under load loses no acknowledged append', async () => {
  const databaseUrl = await server.database()
  const store = await openLedger({ databaseUrl, dataDir: '' })
  const acknowledged: string[] = []
  let crashed: Promise<void> | undefined
  async function write(stream: string): Promise<number> {
    let failures = 0
    for (let recorded = 0; recorded < 60; ) {
      const done = await appendOne(store, stream)
      if (done === undefined) {
        failures += 1
        await crashed
        continue
      }
      acknowledged.push(done.hash)
      recorded = done.seq
      if (acknowledged.length >= 80 && crashed === undefined) crashed = server.crash().then(server.restart)
    }
    return failures
  }
  const failures = await Promise.all(['run/one', 'run/two', 'run/three', 'run/four'].map(write))
  expect(Math.max(...failures)).toBeGreaterThan(0)
  const log = await store.ledger.log(1, 1000)
  expect(log.map(({ pos }) => pos)).toEqual(log.map((_, i) => i + 1))
  const recorded = new Set(log.map(({ event }) => event.hash))
  expect(acknowledged.filter((hash) => !recorded.has(hash))).toEqual([])
  for (const stream of await store.ledger.streams('run/'))
    expect(faultInChain(stream, await store.ledger.read(stream))).toBeUndefined()
  await store.close()
})

it('a worker hears of new work again after the server was killed and restarted', async () => {
  const databaseUrl = await server.database()
  const store = await openLedger({ databaseUrl, dataDir: '' })
  const reconnected = store.queue.waitForWork(new AbortController().signal, NEVER)
  await server.crash()
  await expect(store.ledger.head()).rejects.toThrow(LedgerUnavailable)
  await server.restart()
  await reconnected
  const waiting = store.queue.waitForWork(new AbortController().signal, NEVER)
  await given(store, RUN, [null])
  await waiting
  await store.close()
})

it.each([
  { cut: 'before the server hears it', recorded: 0 },
  { cut: 'after the server answered', recorded: 1 },
] as const)('a commit cut $cut is uncertain, and reading again decides', async ({ cut, recorded }) => {
  const databaseUrl = await server.database()
  const proxy = await startCuttingProxy(new URL(databaseUrl), cut)
  const store = await openLedger({ databaseUrl: proxy.url, dataDir: '' })
  proxy.arm()
  await expect(store.ledger.append(recording([observed(RUN)]))).rejects.toThrow(AppendUncertain)
  expect(await store.ledger.read(RUN)).toHaveLength(recorded)
  await store.close()
  await proxy.stop()
})

it.each(['postgres://me:s3cret-word@127.0.0.1:1/db', 'postgres://me:s3cret-word@[broken/db'])(
  'a database that cannot be reached is said so without its password',
  async (databaseUrl) => {
    const failure: unknown = await openLedger({ databaseUrl, dataDir: '' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LedgerUnavailable)
    expect(failure).toHaveProperty('cause')
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('s3cret-word')
  },
)

/** Appends behind whatever is there; undefined when the server was lost. */
async function appendOne(store: OpenLedger, stream: string): Promise<EventEnvelope | undefined> {
  try {
    const event = observed(stream, (await store.ledger.read(stream)).at(-1))
    const outcome = await store.ledger.append(recording([event]))
    if (outcome.is !== 'appended') throw new Error(outcome.is)
    return event
  } catch (error) {
    if (error instanceof LedgerUnavailable || error instanceof AppendUncertain) return undefined
    throw error
  }
}
