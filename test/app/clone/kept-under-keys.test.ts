import { beforeEach, describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { ed25519Signer } from '../../../src/adapters/signing/ed25519.ts'
import { openCheckpoint, signCheckpoint } from '../../../src/app/checkpoints.ts'
import type { Ledger } from '../../../src/app/ledger.ts'
import type { Signer } from '../../../src/app/ports.ts'
import { readKeys, revokeKey, takeKey } from '../../../src/app/signing-keys.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { CheckpointFile } from '../../../src/domain/checkpoint.ts'
import { EVIDENCE_REF, evidencePath } from '../../../src/domain/evidence.ts'
import { runStream } from '../../../src/domain/ids.ts'
import { RUN as OTHER_RUN, observed, recording } from '../../contracts/ledger-examples.ts'
import { controller, RUN, stranger } from '../../support/builders.ts'
import type { Play } from '../../support/given.ts'
import { clock, delivered, keptClone, merged, trust } from './kept-clone.ts'

const renewed = ed25519Signer(new Uint8Array(32).fill(21))
const blobs = [...merged.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes }))

let kept: ReturnType<typeof keptClone>
let ledger: Ledger

/** A repository that keeps what the first key signed of the delivery, by a ledger that records its keys. */
beforeEach(async () => {
  kept = keptClone()
  ledger = memoryLedger().ledger
  await takeKey({ ledger, signer: controller, earlier: [], clock })
  await goesOn(delivered)
  await kept.keeps(ledger)
})

async function goesOn({ events }: Play): Promise<void> {
  const { length } = await ledger.read(runStream(RUN))
  const place = [{ stream: runStream(RUN), seq: length }]
  await ledger.append({ expect: place, events: events.slice(length), effects: [], blobs })
}

async function takesTheNextKey(): Promise<void> {
  await takeKey({ ledger, signer: renewed, earlier: [controller], clock })
}

/** The first key then counts up to a position, or as far as it was current. */
async function revokesTheFirst(after = 9999): Promise<void> {
  await revokeKey({ ledger, clock }, { keyid: controller.keyid, after, because: 'it stood in a build log' })
}

/** What stands on the ref, as whoever pinned the server's `keys.json` sees it. */
const faults = async () => kept.faults({ trusted: (await readKeys(ledger)).keys })
const fileNow = (path: string) => kept.fileAt(kept.tip(), path)

async function checkpointNow(): Promise<CheckpointFile> {
  return CheckpointFile.parse(JSON.parse(Buffer.from(await fileNow('checkpoint.json')).toString()))
}

/** A checkpoint of a log that is none of the server's. */
async function ofAnotherLog(signer: Signer): Promise<Uint8Array> {
  const other = memoryLedger().ledger
  await other.append(recording([observed(OTHER_RUN)]))
  const file = await signCheckpoint({ ledger: other, signer, clock }, null)
  if (!file.ok) throw new Error(file.refusal)
  return Buffer.from(canonicalJson(file.value))
}

describe('the line of pushes', () => {
  beforeEach(async () => {
    await goesOn(merged)
    await kept.keeps(ledger)
  })

  test('goes on under the next key', async () => {
    await takesTheNextKey()
    expect(await faults()).toEqual([])
    await kept.keepsBeside(ledger, renewed)
    expect(await faults()).toEqual([])
  })

  test('goes on after its first key was revoked, by the word of the next one alone', async () => {
    await takesTheNextKey()
    await revokesTheFirst()
    expect(await faults()).toContainEqual(expect.stringContaining('was revoked'))
    await kept.keepsBeside(ledger, renewed)
    expect((await checkpointNow()).since).not.toBeNull()
    expect(await faults()).toEqual([])
  })

  test('holds what the revoked key signed after the position up to which it counts to be nothing', async () => {
    const { length } = await ledger.log(1, 1000)
    await takesTheNextKey()
    await revokesTheFirst(length - 1)
    await kept.keepsBeside(ledger, renewed)
    const fault = `what it signed after position ${length - 1} counts no more, and this stands at position ${length}`
    expect(await faults()).toContainEqual(expect.stringContaining(fault))
  })

  test('holds nothing that a key signed while another was taken', async () => {
    const racing: Ledger = {
      ...ledger,
      log: async (from, most) => {
        await takesTheNextKey()
        return ledger.log(from, most)
      },
    }
    await expect(kept.keeps(racing)).rejects.toThrow('is not the current one')
    expect(await faults()).toEqual([])
  })
})

describe.each([
  ['a stranger', stranger, 'none of those that are trusted'],
  ['the holder of the revoked key', controller, 'was revoked'],
])('a line that %s begins anew', (_who, signer, fault) => {
  beforeEach(async () => {
    await takesTheNextKey()
    await revokesTheFirst()
    kept.clone.refs.delete(EVIDENCE_REF)
    kept.clone.push(EVIDENCE_REF, { 'checkpoint.json': await ofAnotherLog(signer) })
  })

  test('is a fault', async () => {
    expect(await faults()).toContainEqual(expect.stringContaining(fault))
  })

  test('stays one when the server pushes on top of it', async () => {
    await kept.keeps(ledger, renewed)
    expect((await checkpointNow()).since).toBeNull()
    expect(await faults()).toEqual([expect.stringContaining(fault)])
  })
})

describe('an account that was pushed', () => {
  test('is not put back to an older one, whoever signs for the log', async () => {
    const older = await fileNow(evidencePath(RUN))
    await goesOn(merged)
    await kept.keeps(ledger)
    kept.clone.push(EVIDENCE_REF, { [evidencePath(RUN)]: older, 'checkpoint.json': await sameStateAgain() })
    await takesTheNextKey()
    await revokesTheFirst()
    await kept.keepsBeside(ledger, renewed)
    expect(await faults()).toEqual([
      expect.stringMatching(new RegExp(`runs/${RUN}.json: it does not go on from what the push before it held`)),
    ])
  })

  test('is not taken away', async () => {
    kept.clone.push(EVIDENCE_REF, { 'checkpoint.json': await sameStateAgain() }, { without: evidencePath(RUN) })
    expect(await faults()).toContainEqual(expect.stringContaining(`runs/${RUN}.json: the push before it held it`))
  })
})

/** The checkpoint of now once more, so that the line goes on. */
async function sameStateAgain(): Promise<Uint8Array> {
  const opened = openCheckpoint(await fileNow('checkpoint.json'), trust)
  if (!opened.ok) throw new Error(opened.refusal)
  const made = await signCheckpoint({ ledger, signer: controller, clock }, opened.value)
  if (!made.ok) throw new Error(made.refusal)
  return Buffer.from(canonicalJson(made.value))
}
