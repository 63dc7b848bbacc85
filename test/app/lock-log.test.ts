import { expect, test } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import type { Ledger } from '../../src/app/ledger.ts'
import { lockLog } from '../../src/app/lock-log.ts'
import { evolveLocks, type LockState, noLocks } from '../../src/domain/lock.ts'
import { chain, type EventEnvelope } from '../../src/domain/run/envelope.ts'

const STREAM = 'locks/4711'
const at = '2026-01-01T12:00:00.000Z'
const until = '2026-01-01T13:00:00.000Z'

test('what was read of a lock stream is not read again, and what was added by others is seen', async () => {
  const { ledger } = memoryLedger()
  const reads: string[] = []
  const locks = lockLog({
    read: async (stream) => {
      reads.push(stream)
      return ledger.read(stream)
    },
    readBehind: ledger.readBehind,
  })
  expect(await locks('4711')).toEqual({ state: noLocks, seq: 0, last: undefined })
  for (const run of ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc']) {
    await take(ledger, run)
    const events = await ledger.read(STREAM)
    const state = events.reduce<LockState>(evolveLocks, noLocks)
    expect(await locks('4711')).toEqual({ state, seq: events.length, last: events.at(-1) })
  }
  expect(reads).toEqual([STREAM, STREAM])
})

test('a lock stream that was put back to an earlier state is read anew', async () => {
  const [before, after] = [memoryLedger().ledger, memoryLedger().ledger]
  for (const run of ['aaaaaaaaaa', 'bbbbbbbbbb']) await take(before, run)
  const first = await take(after, 'dddddddddd')
  let ledger = before
  const locks = lockLog({ read: (stream) => ledger.read(stream), readBehind: (event) => ledger.readBehind(event) })
  expect((await locks('4711')).seq).toBe(2)
  ledger = after
  expect(await locks('4711')).toMatchObject({ seq: 1, last: first, state: { held: [{ run: 'dddddddddd' }] } })
})

async function take(ledger: Ledger, run: string): Promise<EventEnvelope | undefined> {
  const log = await ledger.read(STREAM)
  const data = { run, keys: [`path:${run}`], token: log.length + 1, until }
  const events = chain(STREAM, log.at(-1), [{ kind: 'input', type: 'LocksTaken', v: 1, data, by: 'test', at }])
  const expect = [{ stream: STREAM, seq: log.length }]
  await ledger.append({ expect, events, effects: [], blobs: [] })
  return events[0]
}
