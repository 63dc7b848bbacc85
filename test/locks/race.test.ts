import { afterAll, beforeAll, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'
import { race } from './race.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 240_000)
afterAll(() => server.stop())

it('processes that race for the same paths lose no update, wait in no circle, and come to their end without a timer', async () => {
  const asked = { url: await server.database(), operations: 100, processes: 3, kills: 0, restarts: 0, server, seed: 1 }
  const result = await race(asked)
  expect(result.faults).toEqual([])
  expect(result.waits).toBeGreaterThan(2)
  expect(result.writes).toBeGreaterThan(5)
}, 240_000)

it('a killed process and a crash of the database leave nothing that the others cannot finish, and stale writes are refused', async () => {
  const asked = { url: await server.database(), operations: 70, processes: 2, kills: 1, restarts: 1, server, seed: 2 }
  const result = await race(asked)
  expect(result.faults).toEqual([])
  expect(result.killed).toBeGreaterThan(0)
  expect(result.crashed).toBe(1)
}, 240_000)
