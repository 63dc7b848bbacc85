import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openLedger } from '../../../src/adapters/ledger/open.ts'
import { pgliteDatabase } from '../../../src/adapters/ledger/pglite.ts'
import { LOCKS, observed, recording } from '../../contracts/ledger-examples.ts'
import { putReadyLedger } from '../../support/ready-ledger.ts'
import { deskForEachTest, jsonFile } from './a-cli.ts'

const desk = deskForEachTest({ 'README.md': 'A repository.\n' })
const sign = (out: string, ...more: readonly string[]) =>
  desk.agentos(['ledger', 'checkpoint', '--out', desk.at(out), ...more])
const verify = (...more: readonly string[]) => desk.agentos(['ledger', 'verify', ...more])

describe('agentos ledger checkpoint', () => {
  beforeEach(() => putReadyLedger(join(desk.home, 'data')))

  it('signs the log, proves that it only grew, and later shows that its end was cut off', async () => {
    expect(await sign('none')).toMatchObject({ exit: 1, stderr: expect.stringContaining('the log is empty') })
    await record('one', 'two', 'three')
    expect(await sign('first')).toMatchObject({ exit: 0 })
    await record('four')
    expect(await sign('second', '--since', desk.at('first'))).toMatchObject({ exit: 0 })
    expect(jsonFile(desk.at('second'))).toMatchObject({ since: { size: 3, proof: expect.any(Array) } })
    const kept = ['--checkpoint', desk.at('second'), '--trust', join(desk.home, 'data', 'keys.json')]
    expect(await verify(...kept)).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^valid: 4 events/) })

    const own = await verify('--checkpoint', desk.at('second'))
    expect(own.stdout).toContain('a key that nobody pinned')

    await byAdministrator('delete from agentos.event where pos = 4')
    const cut = 'INVALID: the log ends at position 3, the checkpoint covers 4\n'
    expect(await verify()).toMatchObject({ exit: 1, stdout: cut })
  })

  it('reads only what is a checkpoint', async () => {
    expect(await sign('next', '--since', desk.at('absent'))).toMatchObject({ exit: 2 })
    const because = expect.stringContaining('it is no checkpoint')
    expect(await sign('next', '--since', join(desk.clone, 'README.md'))).toMatchObject({ exit: 1, stderr: because })
    expect(await verify('--checkpoint', join(desk.clone, 'README.md'))).toMatchObject({ exit: 1, stderr: because })
  })
})

/** Appends an event for each text, as the product does. */
async function record(...texts: readonly string[]): Promise<void> {
  const store = await openLedger({ dataDir: join(desk.home, 'data') })
  for (const text of texts) {
    const past = await store.ledger.read(LOCKS)
    await store.ledger.append(recording([observed(LOCKS, past.at(-1), { text })]))
  }
  await store.close()
}

/** What somebody can do who has the database's own rights. */
async function byAdministrator(sql: string): Promise<void> {
  const database = await pgliteDatabase(join(desk.home, 'data', 'ledger'))
  await database.script(
    `alter table agentos.event disable trigger all; ${sql}; alter table agentos.event enable trigger all;`,
  )
  await database.close()
}
