import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DirectoryTaken } from '../../../src/adapters/ledger/directory-lock.ts'
import { openLedger } from '../../../src/adapters/ledger/open.ts'
import { faultInChain } from '../../../src/domain/run/envelope.ts'
import { given, RUN } from '../../contracts/ledger-examples.ts'
import { putReadyLedger } from '../../support/ready-ledger.ts'
import { startChild } from './child.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'agentos-embedded-')), 'data')
})
/** On a busy machine initdb inside WebAssembly alone takes many seconds. */
const PATIENT = { timeout: 240_000 }

afterEach(() => rm(dataDir, { recursive: true, force: true }))

it('keeps what was recorded when it is closed and opened again, and says what it is good for', PATIENT, async () => {
  const first = await openLedger({ dataDir })
  expect(first.notice).toContain(dataDir)
  expect(first.notice).toContain('DATABASE_URL')
  expect((await stat(dataDir)).mode & 0o077).toBe(0)
  const { event } = await given(first, RUN)
  await expect(openLedger({ dataDir })).rejects.toThrow(DirectoryTaken)
  await first.close()
  const second = await openLedger({ dataDir })
  expect(await second.ledger.read(RUN)).toEqual([event])
  await second.close()
})

it(
  'has every acknowledged append and whole chains after its process was killed, again and again',
  PATIENT,
  async () => {
    await putReadyLedger(dataDir)
    const acknowledged: string[] = []
    for (const round of [1, 2]) {
      const child = startChild('writer', dataDir)
      await new Promise<void>((resolve) => {
        child.lines.on('line', (line) => {
          acknowledged.push(line)
          if (acknowledged.length >= round * 60) resolve()
        })
      })
      const refused = openLedger({ dataDir })
      await expect(refused).rejects.toThrow(DirectoryTaken)
      await expect(refused).rejects.toThrow(`${dataDir} is open in process ${child.pid}`)
      await child.kill()
    }
    const store = await openLedger({ dataDir })
    const events = await store.ledger.read(RUN)
    expect(faultInChain(RUN, events)).toBeUndefined()
    expect(events.slice(0, acknowledged.length).map(({ hash }) => hash)).toEqual(acknowledged)
    const log = await store.ledger.log(1, events.length + 1)
    expect(log.map(({ pos }) => pos)).toEqual(events.map((_, i) => i + 1))
    expect(await store.queue.list(RUN)).toHaveLength(events.length)
    await store.close()
  },
)
