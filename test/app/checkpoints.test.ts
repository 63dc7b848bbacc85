import { describe, expect, it } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { ed25519Signer, openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { auditLedger } from '../../src/app/audit-ledger.ts'
import { openCheckpoint, signCheckpoint } from '../../src/app/checkpoints.ts'
import { controllerKey } from '../../src/app/evidence/export.ts'
import type { Ledger } from '../../src/app/ledger.ts'
import { canonicalJson } from '../../src/domain/canonical.ts'
import type { CheckpointFile } from '../../src/domain/checkpoint.ts'
import type { Result } from '../../src/domain/result.ts'
import { observed, RUN, recording } from '../contracts/ledger-examples.ts'

const signer = ed25519Signer(new Uint8Array(32).fill(3))
const stranger = ed25519Signer(new Uint8Array(32).fill(4))
const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const trust = { open: openEnvelope, trusted: [controllerKey(signer)] }

describe('a checkpoint of the log', () => {
  it('is believed from a trusted key, and says which events it covers', async () => {
    const file = signed(await signCheckpoint({ ledger: await ledgerOf('one', 'two'), signer, clock }, null))
    expect(openCheckpoint(bytesOf(file), trust)).toMatchObject({ ok: true, value: { size: 2, at: clock.now() } })
  })

  it('is not believed from another key, or after any byte of it was changed', async () => {
    const ledger = await ledgerOf('one', 'two')
    const foreign = signed(await signCheckpoint({ ledger, signer: stranger, clock }, null))
    expect(openCheckpoint(bytesOf(foreign), trust)).toMatchObject({ ok: false })
    expect(openCheckpoint(bytesOf({ ...foreign, key: controllerKey(signer) }), trust)).toMatchObject({ ok: false })
    const first = signed(await signCheckpoint({ ledger: await ledgerOf('one'), signer, clock }, null))
    const size = sizeOf(first)
    const honest = bytesOf(signed(await signCheckpoint({ ledger, signer, clock }, size)))
    for (const [at, byte] of honest.entries()) {
      const changed = honest.slice()
      changed[at] = byte ^ 1
      expect(openCheckpoint(changed, { ...trust, trusted: null }), `byte ${at}`).toMatchObject({ ok: false })
    }
  })

  it('is not signed over a log that is empty, was cut off or was rewritten', async () => {
    const earlier = sizeOf(signed(await signCheckpoint({ ledger: await ledgerOf('one', 'two'), signer, clock }, null)))
    const refused = async (...texts: readonly string[]) =>
      signCheckpoint({ ledger: await ledgerOf(...texts), signer, clock }, earlier)
    expect(await refused()).toEqual({ ok: false, refusal: 'the log is empty' })
    expect(await refused('one')).toMatchObject({ refusal: expect.stringContaining('its end was cut off') })
    expect(await refused('1', 'two', 'three')).toMatchObject({ refusal: expect.stringContaining('was rewritten') })
    expect(await refused('one', 'two', 'three')).toMatchObject({ ok: true })
  })

  it('shows in an audit what chains that hold do not show', async () => {
    const kept = sizeOf(signed(await signCheckpoint({ ledger: await ledgerOf('one', 'two'), signer, clock }, null)))
    const audited = async (...texts: readonly string[]) => auditLedger(await ledgerOf(...texts), [kept])
    expect(await audited('one', 'two', 'three')).toEqual({ valid: true, streams: 1, events: 3 })
    expect(await audited('one')).toEqual({ valid: false, fault: 'the log ends at position 1, the checkpoint covers 2' })
    const fault = 'the first 2 events are not those that the checkpoint covers'
    expect(await audited('one', '2', 'three')).toEqual({ valid: false, fault })
    expect(await auditLedger(await ledgerOf('one', '2', 'three'))).toMatchObject({ valid: true })
  })
})

async function ledgerOf(...texts: readonly string[]): Promise<Ledger> {
  const { ledger } = memoryLedger()
  for (const text of texts) {
    const past = await ledger.read(RUN)
    await ledger.append(recording([observed(RUN, past.at(-1), { text })]))
  }
  return ledger
}

function signed(file: Result<CheckpointFile, string>): CheckpointFile {
  if (!file.ok) throw new Error(file.refusal)
  return file.value
}

function sizeOf(file: CheckpointFile) {
  const opened = openCheckpoint(bytesOf(file), trust)
  if (!opened.ok) throw new Error(opened.refusal)
  return { size: opened.value.size, root: opened.value.root }
}

function bytesOf(file: CheckpointFile): Uint8Array {
  return new TextEncoder().encode(canonicalJson(file))
}
