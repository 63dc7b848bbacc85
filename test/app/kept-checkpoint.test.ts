import { beforeEach, describe, expect, test } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { ed25519Signer, openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { keepSigned, signRounds } from '../../src/app/kept-checkpoint.ts'
import type { Checkpoints, Ledger } from '../../src/app/ledger.ts'
import { logTree } from '../../src/app/log-tree.ts'
import { takeKey } from '../../src/app/signing-keys.ts'
import { CheckpointFile } from '../../src/domain/checkpoint.ts'
import { observed, RUN, recording } from '../contracts/ledger-examples.ts'

const keyOf = (byte: number) => ed25519Signer(new Uint8Array(32).fill(byte))
const [first, second, stranger] = [keyOf(11), keyOf(12), keyOf(13)]
const clock = { now: () => '2026-03-01T09:00:00.000Z' }

let ledger: Ledger
let file: string | undefined
beforeEach(async () => {
  file = undefined
  ledger = memoryLedger().ledger
  await takeKey({ ledger, signer: first, earlier: [], clock })
})

/** One row, as a database has it. */
const checkpoints: Checkpoints = {
  newest: async () => file,
  keep: async (text) => {
    file = text
  },
}

function source(of = ledger, signer = first) {
  return { ledger: of, checkpoints, signer, clock, log: logTree(of).now, open: openEnvelope }
}

async function append(to = ledger, text = 'one'): Promise<void> {
  await to.append(recording([observed(RUN, (await to.read(RUN)).at(-1), { text })]))
}

const sinceNow = () => CheckpointFile.parse(JSON.parse(file ?? '')).since

describe('the checkpoint that is kept beside the log', () => {
  test('proves that the log only grew since the one before it, also under another key', async () => {
    expect(await keepSigned(source())).toMatchObject({ ok: true, value: { since: null } })
    await append()
    await takeKey({ ledger, signer: second, earlier: [first], clock })
    expect(await keepSigned(source())).toMatchObject({ ok: false })
    expect(await keepSigned(source(ledger, second))).toMatchObject({ ok: true })
    expect(sinceNow()).toMatchObject({ size: 1 })
  })

  test('stays where the log was cut off or rewritten since, so that it is seen', async () => {
    await append()
    await keepSigned(source())
    const signed = file
    const cut = memoryLedger().ledger
    await takeKey({ ledger: cut, signer: first, earlier: [], clock })
    expect(await keepSigned(source(cut))).toMatchObject({ refusal: expect.stringContaining('cut off') })
    await append(cut, 'another')
    expect(await keepSigned(source(cut))).toMatchObject({ refusal: expect.stringContaining('was rewritten') })
    expect(file).toBe(signed)
  })

  test('is made anew where somebody else put another there', async () => {
    const other = memoryLedger().ledger
    await append(other, 'of somebody else')
    await keepSigned(source(other, stranger))
    await keepSigned(source())
    expect(sinceNow()).toBeNull()
    file = 'nonsense'
    expect(await keepSigned(source())).toMatchObject({ ok: true })
  })

  test('is made by a server as soon as it runs, and what keeps it from that is told', async () => {
    const told = Promise.withResolvers<unknown>()
    const stop = new AbortController()
    const rounds = signRounds(source(ledger, stranger), (...entry) => told.resolve(entry), stop.signal)
    expect(await told.promise).toMatchObject(['error', 'the log is not signed', { next: 'agentos ledger verify' }])
    stop.abort()
    await rounds
    expect(file).toBeUndefined()
  })
})
