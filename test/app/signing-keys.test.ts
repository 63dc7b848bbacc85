import { expect, test } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { ed25519Signer, freshSigner, openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { signCheckpoint } from '../../src/app/checkpoints.ts'
import { exportEvidence } from '../../src/app/evidence/export.ts'
import type { Ledger } from '../../src/app/ledger.ts'
import type { Signer } from '../../src/app/ports.ts'
import { faultInKeyStream, KeyNotCurrent, readKeys, revokeKey, takeKey, underKey } from '../../src/app/signing-keys.ts'
import { TrustedKeys } from '../../src/domain/evidence.ts'
import { KEYS_STREAM } from '../../src/domain/key-history.ts'
import { chain } from '../../src/domain/run/envelope.ts'
import { observed, RUN, recording } from '../contracts/ledger-examples.ts'

const keyOf = (byte: number) => ed25519Signer(new Uint8Array(32).fill(byte))
const [first, second, third] = [keyOf(11), keyOf(12), keyOf(13)]
const clock = { now: () => '2026-03-01T09:00:00.000Z' }

function take(ledger: Ledger, signer: Signer, ...earlier: readonly Signer[]) {
  return takeKey({ ledger, signer, earlier, clock })
}

/** Appends one event to a run that is none, as the server would. */
async function append(ledger: Ledger): Promise<string> {
  const past = await ledger.read(RUN)
  return (await ledger.append(recording([observed(RUN, past.at(-1))]))).is
}

test('the first key covers the log from its beginning, and is taken once', async () => {
  const { ledger } = memoryLedger()
  await append(ledger)
  expect(await take(ledger, first)).toEqual({ ok: true, value: 'taken' })
  expect(await take(ledger, first)).toEqual({ ok: true, value: 'kept' })
  const { keys, events } = await readKeys(ledger)
  expect(keys).toMatchObject([{ keyid: first.keyid, state: 'current', from: 1 }])
  expect(events).toHaveLength(1)
})

test('another key retires the one before it, which signs its announcement where it is at hand', async () => {
  const { ledger } = memoryLedger()
  await take(ledger, first)
  await append(ledger)
  await take(ledger, second, freshSigner(), first)
  await take(ledger, third, first)
  const { keys, events } = await readKeys(ledger)
  expect(keys).toMatchObject([
    { keyid: first.keyid, state: 'retired', from: 1, until: 2 },
    { keyid: second.keyid, state: 'retired', from: 3, until: 3, endorsement: { signatures: [{ keyid: first.keyid }] } },
    { keyid: third.keyid, state: 'current', from: 4 },
  ])
  expect(keys.at(-1)).not.toHaveProperty('endorsement')
  expect(faultInKeyStream(events, openEnvelope)).toBeUndefined()
  expect(TrustedKeys.safeParse({ keys })).toMatchObject({ success: true })
})

test('a key that was retired or revoked is not taken up again', async () => {
  const { ledger } = memoryLedger()
  await take(ledger, first)
  await take(ledger, second)
  expect(await take(ledger, first)).toMatchObject({ ok: false, refusal: expect.stringContaining('was retired') })
  await revokeKey({ ledger, clock }, { keyid: second.keyid, after: 1, because: 'it was in a log' })
  expect(await take(ledger, second)).toMatchObject({ ok: false, refusal: expect.stringContaining('was revoked') })
  expect((await readKeys(ledger)).keys.map(({ state }) => state)).toEqual(['retired', 'revoked'])
})

test('a revocation never widens the span of a key, and is recorded once', async () => {
  const { ledger } = memoryLedger()
  await take(ledger, first)
  await take(ledger, second)
  const said = { keyid: first.keyid, after: 900, because: 'it was in a log' }
  expect(await revokeKey({ ledger, clock }, said)).toMatchObject({ ok: true, value: 1 })
  expect((await readKeys(ledger)).keys[0]).toMatchObject({ state: 'revoked', until: 1 })
  expect(await revokeKey({ ledger, clock }, said)).toMatchObject({ ok: false })
  expect(await revokeKey({ ledger, clock }, { ...said, keyid: third.keyid })).toMatchObject({ ok: false })
})

test('a controller whose key was retired records nothing any more, and hears of it', async () => {
  const { ledger } = memoryLedger()
  await take(ledger, first)
  let lost = 0
  const own = await underKey(ledger, first, () => (lost += 1))
  expect(await append(own)).toBe('appended')
  await take(ledger, second)
  await expect(append(own)).rejects.toThrow(KeyNotCurrent)
  expect([lost, (await ledger.read(RUN)).length]).toEqual([1, 1])
  await expect(underKey(ledger, first, () => undefined)).rejects.toThrow(KeyNotCurrent)
})

test('what happens to other keys leaves the current one at work', async () => {
  const { ledger } = memoryLedger()
  await take(ledger, first)
  await take(ledger, second)
  const own = await underKey(ledger, second, () => undefined)
  await revokeKey({ ledger, clock }, { keyid: first.keyid, after: 1, because: 'it was in a log' })
  expect(await append(own)).toBe('moved')
  expect(await append(own)).toBe('appended')
})

test('a key that is not current seals no evidence and signs no checkpoint', async () => {
  const { ledger } = memoryLedger()
  await take(ledger, first)
  await append(ledger)
  await take(ledger, second)
  await expect(exportEvidence({ ledger, signer: first }, RUN.slice('run/'.length))).rejects.toThrow(KeyNotCurrent)
  expect(await signCheckpoint({ ledger, signer: first, clock }, null)).toMatchObject({ ok: false })
  expect(await signCheckpoint({ ledger, signer: second, clock }, null)).toMatchObject({ ok: true })
})

test.each([
  ['whose announcement another key signed', 'its own announcement', { announced: 'endorsed' }],
  ['that does not follow the key before it', 'follow', { previous: 'keyid' }],
  ['whose endorsement the key before it did not sign', 'before it', { endorsed: 'announced' }],
])('a ledger with a key %s is noticed', async (_what, because, moved) => {
  const { ledger } = memoryLedger()
  await take(ledger, first)
  await take(ledger, second, first)
  const [one, two] = await ledger.read(KEYS_STREAM)
  const changed = Object.entries(moved).map(([to, from]) => [to, two?.data[from] ?? null])
  const forged = chain(KEYS_STREAM, one, [{ ...Object(two), data: { ...two?.data, ...Object.fromEntries(changed) } }])
  expect(faultInKeyStream([...(one === undefined ? [] : [one]), ...forged], openEnvelope)).toContain(because)
})
