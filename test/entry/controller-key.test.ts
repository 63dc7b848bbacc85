import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { readKeys } from '../../src/app/signing-keys.ts'
import { earlierSigners, signerFor, underOwnKey } from '../../src/entry/controller-key.ts'
import { readEnvironment } from '../../src/entry/environment.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'controller-key-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const seed = (byte: number) => Buffer.alloc(32, byte).toString('base64')

/** A server's start, as far as its key goes, on a ledger that outlives it. */
async function started(given: Readonly<Record<string, string>>, store = memoryLedger()) {
  const env = readEnvironment({ AGENTOS_DATA: folder, ...given })
  const closed: string[] = []
  const open = {
    ...store,
    close: async () => {
      closed.push('closed')
    },
  }
  const signer = await signerFor(env)
  const own = { signer, earlier: await earlierSigners(env), clock: { now: () => '2026-03-01T09:00:00.000Z' } }
  const running = await underOwnKey(open, { ...own, onLost: () => undefined }).catch((error: unknown) => error)
  const { keys } = await readKeys(store.ledger)
  return { running, closed, signer, states: keys.map(({ state }) => state), newest: keys.at(-1) }
}

describe('a server that starts with another signing key', () => {
  it('records that it took over, announced by the key before it where that is given', async () => {
    const store = memoryLedger()
    const first = await started({ AGENTOS_SIGNING_KEY: seed(1) }, store)
    expect(first.states).toEqual(['current'])
    expect((await started({ AGENTOS_SIGNING_KEY: seed(1) }, store)).states).toEqual(['current'])
    const second = await started({ AGENTOS_SIGNING_KEY: seed(2), AGENTOS_PREVIOUS_SIGNING_KEY: seed(1) }, store)
    expect(second).toMatchObject({ states: ['retired', 'current'], newest: { keyid: second.signer.keyid } })
    expect(second.newest?.endorsement?.signatures[0].keyid).toBe(first.signer.keyid)
  })

  it('finds the file of the key before it, of a key that it made itself and of one that was moved away', async () => {
    const store = memoryLedger()
    const made = await started({}, store)
    await rename(join(folder, 'signing-key'), join(folder, 'previous-signing-key'))
    const anew = await started({}, store)
    expect(anew.newest?.endorsement?.signatures[0].keyid).toBe(made.signer.keyid)
    const named = await started({ AGENTOS_SIGNING_KEY: seed(3) }, store)
    expect(named.newest?.endorsement?.signatures[0].keyid).toBe(anew.signer.keyid)
    expect(named.states).toEqual(['retired', 'retired', 'current'])
  })

  it('does not start with a key that was retired, and closes the store', async () => {
    const store = memoryLedger()
    await started({ AGENTOS_SIGNING_KEY: seed(1) }, store)
    await started({ AGENTOS_SIGNING_KEY: seed(2) }, store)
    const again = await started({ AGENTOS_SIGNING_KEY: seed(1) }, store)
    expect(again).toMatchObject({ running: { name: 'WrongEnvironment' }, closed: ['closed'] })
    expect(String(again.running)).toContain('was retired and is not taken up again')
  })

  it.each(['AGENTOS_SIGNING_KEY', 'AGENTOS_PREVIOUS_SIGNING_KEY'])(
    'is not started by a %s that is no seed',
    async (name) => {
      for (const wrong of [seed(1).slice(4), Buffer.alloc(32, 1).toString('hex'), `${seed(1)}!`, '0'])
        await expect(started({ [name]: wrong })).rejects.toThrow(`${name} is not the base64 of 32 bytes`)
    },
  )
})
