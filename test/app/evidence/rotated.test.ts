import { describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { openCheckpoint, signCheckpoint } from '../../../src/app/checkpoints.ts'
import { controllerKey, exportEvidence } from '../../../src/app/evidence/export.ts'
import { sealStatement } from '../../../src/app/runner/statements.ts'
import { readKeys, revokeKey, takeKey } from '../../../src/app/signing-keys.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { canonicalJson, parseCanonical } from '../../../src/domain/canonical.ts'
import { type ControllerKey, EVIDENCE_TYPE, Evidence } from '../../../src/domain/evidence.ts'
import { hashOf } from '../../../src/domain/hash.ts'
import { runStream } from '../../../src/domain/ids.ts'
import { controller, RUN, stranger } from '../../support/builders.ts'
import { given, story } from '../../support/given.ts'

/** The signer of the whole run is the first key; the second one takes over. */
const next = stranger
const { play } = given().when(story.merged)
const clock = { now: () => play.now }

/** A ledger in which the second key took over after so many of the run's events. */
async function rotatedAfter(events: number) {
  const { ledger } = memoryLedger()
  const stream = runStream(RUN)
  const appended = (some: typeof play.events, seq: number) =>
    ledger.append({
      expect: [{ stream, seq }],
      events: some,
      effects: [],
      blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
    })
  await takeKey({ ledger, signer: controller, earlier: [], clock })
  if (events > 0) await appended(play.events.slice(0, events), 0)
  await takeKey({ ledger, signer: next, earlier: [controller], clock })
  if (events < play.events.length) await appended(play.events.slice(events), events)
  return ledger
}

type Rotated = Awaited<ReturnType<typeof rotatedAfter>>

async function evidenceOf(ledger: Rotated, signer = next): Promise<Evidence> {
  return Evidence.parse(parseCanonical((await exportEvidence({ ledger, signer }, RUN)) ?? ''))
}

async function served(ledger: Rotated): Promise<readonly ControllerKey[]> {
  return (await readKeys(ledger)).keys
}

const both = [controllerKey(controller), controllerKey(next)]

function check(evidence: Evidence, trusted: readonly ControllerKey[] | null) {
  return verifyEvidence(new TextEncoder().encode(canonicalJson(evidence)), { open: openEnvelope, trusted })
}

/** The evidence changed, and sealed again by whoever has the signer's key. */
function resealed(evidence: Evidence, changes: Partial<Evidence>, signer = next): Evidence {
  const { seal: _seal, ...rest } = { ...evidence, ...changes }
  const head = rest.events.at(-1)
  const seal = { v: 1, run: RUN, seq: head?.seq ?? 1, head: head?.hash ?? '', sha256: hashOf(rest) }
  return { ...rest, seal: sealStatement(signer, EVIDENCE_TYPE, `run/${RUN}`, seal) }
}

describe('evidence of a run whose controller took another key', () => {
  test('is valid where every signature was made while its key was current', async () => {
    const ledger = await rotatedAfter(play.events.length)
    const evidence = await evidenceOf(ledger)
    expect(evidence.keys).toMatchObject([
      { keyid: next.keyid, state: 'current' },
      { keyid: controller.keyid, state: 'retired', from: 1, until: play.events.length + 1 },
    ])
    expect(check(evidence, await served(ledger))).toMatchObject({ valid: true, sealedBy: next.keyid })
    expect(check(evidence, both)).toMatchObject({ valid: true })
  })

  test('is refused where a retired key signed after its retirement, whatever the reader pinned', async () => {
    const ledger = await rotatedAfter(play.events.length - 8)
    const evidence = await evidenceOf(ledger)
    const fault = expect.stringMatching(/does not count: key .* and then retired, and this stands at position/)
    for (const trusted of [await served(ledger), both, null]) expect(check(evidence, trusted)).toMatchObject({ fault })
    const bold = resealed(evidence, { keys: both })
    expect(check(bold, both)).toMatchObject({ valid: true })
    expect(check(bold, await served(ledger))).toMatchObject({ valid: false, fault })
  })

  test('is refused where a key signed before it was taken', async () => {
    const ledger = await rotatedAfter(play.events.length)
    const evidence = await evidenceOf(ledger)
    const late = evidence.keys.map((key) => (key.keyid === controller.keyid ? { ...key, from: 40, until: 90 } : key))
    expect(check(resealed(evidence, { keys: late }), both)).toMatchObject({
      fault: expect.stringContaining('does not count: key'),
    })
  })

  test('is refused where its positions are not told, and its keys have bounds', async () => {
    const ledger = await rotatedAfter(play.events.length)
    const { positions, ...rest } = await evidenceOf(ledger)
    const fault = expect.stringContaining('nothing tells at which position')
    expect(check(resealed({ ...rest }, {}), both)).toMatchObject({ valid: false, fault })
    const plain = resealed({ ...rest, keys: both }, {})
    expect(check(plain, await served(ledger))).toMatchObject({ valid: false, fault })
    for (const wrong of [positions?.slice(1) ?? [], positions?.toReversed() ?? []])
      expect(check(resealed(rest, { positions: wrong }), both)).toMatchObject({ where: runStream(RUN) })
  })

  test('names the trusted key that announced one which is not trusted yet, and does not believe it', async () => {
    const evidence = await evidenceOf(await rotatedAfter(play.events.length))
    expect(check(evidence, [controllerKey(controller)])).toMatchObject({
      valid: false,
      where: `key ${next.keyid}`,
      fault: expect.stringMatching(/none of the keys that are trusted; the trusted key \w+ announced it/),
    })
  })
})

describe('a key that was revoked', () => {
  const because = 'it was in a log'

  test('makes what it signed invalid from the position on', async () => {
    const ledger = await rotatedAfter(play.events.length)
    await revokeKey({ ledger, clock }, { keyid: controller.keyid, after: 6, because })
    expect(check(await evidenceOf(ledger), both)).toMatchObject({
      valid: false,
      fault: expect.stringMatching(/was revoked \(it was in a log\): what it signed after position 6 counts no more/),
    })
  })

  test('leaves what it signed up to the position', async () => {
    const ledger = await rotatedAfter(play.events.length)
    await revokeKey({ ledger, clock }, { keyid: controller.keyid, after: 900, because })
    expect(check(await evidenceOf(ledger), await served(ledger))).toMatchObject({ valid: true })
  })

  test('seals no evidence and signs no checkpoint that is believed: whoever has it can name any position', async () => {
    const ledger = await rotatedAfter(play.events.length)
    const evidence = await evidenceOf(ledger)
    await revokeKey({ ledger, clock }, { keyid: controller.keyid, after: 900, because })
    const trusted = await served(ledger)
    const forged = resealed(evidence, {}, controller)
    expect(check(forged, trusted)).toMatchObject({ where: 'the seal', fault: expect.stringContaining('signed anew') })
    const { ledger: alone } = memoryLedger()
    await takeKey({ ledger: alone, signer: controller, earlier: [], clock })
    const file = await signCheckpoint({ ledger: alone, signer: controller, clock }, null)
    const bytes = new TextEncoder().encode(file.ok ? canonicalJson(file.value) : '')
    expect(openCheckpoint(bytes, { open: openEnvelope, trusted: both })).toMatchObject({ ok: true })
    expect(openCheckpoint(bytes, { open: openEnvelope, trusted })).toMatchObject({ ok: false })
  })
})

test('a checkpoint counts only for a log no longer than the key’s span', async () => {
  const ledger = await rotatedAfter(play.events.length)
  const span = await served(ledger)
  const { ledger: alone } = memoryLedger()
  await takeKey({ ledger: alone, signer: controller, earlier: [], clock })
  const early = await signCheckpoint({ ledger: alone, signer: controller, clock }, null)
  const { ledger: long } = memoryLedger()
  await long.append({ expect: [{ stream: runStream(RUN), seq: 0 }], events: play.events, effects: [], blobs: [] })
  await takeKey({ ledger: long, signer: controller, earlier: [], clock })
  await takeKey({ ledger: long, signer: next, earlier: [], clock })
  const late = await signCheckpoint({ ledger: { ...long, read: async () => [] }, signer: controller, clock }, null)
  const opened = [early, late].map((file) =>
    openCheckpoint(new TextEncoder().encode(file.ok ? canonicalJson(file.value) : ''), {
      open: openEnvelope,
      trusted: span,
    }),
  )
  expect(opened).toMatchObject([
    { ok: true },
    { ok: false, refusal: expect.stringContaining('and this stands at position') },
  ])
})
