import type { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLedger } from '../../../src/adapters/ledger/open.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { faultInChain } from '../../../src/domain/run/envelope.ts'
import { at, given, OTHER, observed, RUN, recording } from '../../contracts/ledger-examples.ts'
import { type PostgresServer, startPostgres, withClient } from '../../support/postgres.ts'
import { startChild } from './child.ts'

const NEVER = 10 * 60_000

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

it('processes that append to the same streams make one log without gap or fork, and each append wins once', async () => {
  const databaseUrl = await server.database()
  const names = ['ra', 'rb', 'rc']
  const wins: string[] = []
  const children = names.map((name) => startChild('rival', databaseUrl, name, '25'))
  for (const { lines } of children) lines.on('line', (line) => wins.push(...hashesIn(line)))
  expect(await Promise.all(children.map((child) => child.finish()))).toEqual([0, 0, 0])

  await using store = await opened(databaseUrl)
  const log = await store.ledger.log(1, 1000)
  expect(log.map(({ pos }) => pos)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1))
  expect(log.map(({ event }) => event.hash).sort()).toEqual(wins.sort())
  for (const stream of [RUN, ...names.map((name) => `run/${name}`)])
    expect(faultInChain(stream, await store.ledger.read(stream))).toBeUndefined()
  const shared = (await store.ledger.read(RUN)).map(({ data }) => JSON.stringify(data))
  expect(new Set(shared).size).toBe(75)
})

it('a worker is woken by what another controller records in the same database', async () => {
  const databaseUrl = await server.database()
  await using here = await opened(databaseUrl)
  await using there = await opened(databaseUrl)
  const waiting = here.queue.waitForWork(new AbortController().signal, NEVER)
  const { keys } = await given(there, RUN, [null])
  await waiting
  expect(await here.queue.take('w', at(0), 1000)).toMatchObject({ key: keys[0] })
  expect(await there.queue.take('v', at(0), 1000)).toBeUndefined()
})

it('effects of many streams go to one of many controllers each', async () => {
  const databaseUrl = await server.database()
  await using here = await opened(databaseUrl)
  await using there = await opened(databaseUrl)
  const streams = Array.from({ length: 20 }, (_, i) => `run/stream${i + 10}`)
  for (const stream of streams) await given(here, stream, [null, null])
  const takes = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? here : there).queue.take(`w${i}`, at(0), 1000))
  const taken = (await Promise.all(takes)).flatMap((effect) => effect?.key ?? [])
  expect(taken.sort()).toEqual(streams.map((stream) => `${stream.slice(4)}/1/0`))
})

it.each([
  { stream: RUN, outcome: { is: 'moved', stream: RUN } },
  { stream: OTHER, outcome: { is: 'appended', positions: { first: 2, last: 2 } } },
])('an append to $stream that meets a writer without our lock is $outcome.is', async ({ stream, outcome }) => {
  const databaseUrl = await server.database()
  await using store = await opened(databaseUrl)
  await withClient(databaseUrl, async (stranger) => {
    const theirs = observed(RUN, undefined, { by: 'a stranger' })
    await stranger.query('begin')
    await stranger.query(
      `insert into agentos.event (pos, stream, seq, hash, prev_hash, body) values (1, $1, 1, $2, null, $3)`,
      [RUN, theirs.hash, canonicalJson(theirs)],
    )
    const ours = store.ledger.append(recording([observed(stream)]))
    await untilBlocked(stranger)
    await stranger.query('commit')
    expect(await ours).toEqual(outcome)
    expect(await store.ledger.read(RUN)).toEqual([theirs])
  })
})

async function untilBlocked(client: Client): Promise<void> {
  const blocked = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  while ((await client.query(blocked)).rowCount === 0);
}

async function opened(databaseUrl: string) {
  const store = await openLedger({ databaseUrl, dataDir: '' })
  return { ...store, [Symbol.asyncDispose]: () => store.close() }
}

function hashesIn(line: string): readonly string[] {
  const hashes: unknown = JSON.parse(line)
  return Array.isArray(hashes) ? hashes.map(String) : []
}
