import { beforeAll, describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { ed25519Signer, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { openCheckpoint, signCheckpoint } from '../../../src/app/checkpoints.ts'
import { controllerKey, exportEvidence } from '../../../src/app/evidence/export.ts'
import { placeInLog } from '../../../src/app/evidence/log-place.ts'
import { type LogAt, logTree } from '../../../src/app/log-tree.ts'
import { sealStatement } from '../../../src/app/runner/statements.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { canonicalJson, parseCanonical } from '../../../src/domain/canonical.ts'
import { CHECKPOINT_TYPE } from '../../../src/domain/checkpoint.ts'
import { EVIDENCE_TYPE, Evidence, type LogPlace } from '../../../src/domain/evidence.ts'
import { hashOf } from '../../../src/domain/hash.ts'
import type { TreeHead } from '../../../src/domain/merkle.ts'
import type { EventEnvelope } from '../../../src/domain/run/envelope.ts'
import { observed, recording } from '../../contracts/ledger-examples.ts'
import { controller, RUN } from '../../support/builders.ts'
import { given, story } from '../../support/given.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const trust = { open: openEnvelope, trusted: [controllerKey(controller)] }
const { play } = given().when(story.delivered)
const OTHER = 'desk/77'

/** A log in which events of another stream stand between those of the run. */
async function aLog(others = ['before', 'between', 'after']) {
  const { ledger } = memoryLedger()
  const blobs = [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes }))
  const other = async (text: string) =>
    void (await ledger.append(recording([observed(OTHER, (await ledger.read(OTHER)).at(-1), { text })])))
  const run = async (events: readonly EventEnvelope[]) => {
    const expect = [{ stream: `run/${RUN}`, seq: (events[0]?.seq ?? 1) - 1 }]
    await ledger.append({ expect, events, effects: [], blobs })
  }
  const [before = '', between = '', ...after] = others
  await other(before)
  await run(play.events.slice(0, 7))
  await other(between)
  await run(play.events.slice(7))
  for (const text of after) await other(text)
  return ledger
}

type Log = Awaited<ReturnType<typeof aLog>>

async function evidenceIn(ledger: Log, earlier: TreeHead | null = null): Promise<string> {
  const place = placeInLog({ log: logTree(ledger).now, signer: controller, clock }, earlier)
  return (await exportEvidence({ ledger, signer: controller, place }, RUN)) ?? ''
}

const check = (text: string, more = {}) => verifyEvidence(new TextEncoder().encode(text), { ...trust, ...more })

let log: Log
let at: LogAt & { readonly positions: readonly number[] }
let text = ''
let bundle: Evidence
let place: LogPlace
beforeAll(async () => {
  log = await aLog()
  text = await evidenceIn(log)
  bundle = Evidence.parse(parseCanonical(text))
  if (bundle.log === undefined) throw new Error('the evidence says nothing of the log')
  place = bundle.log
  at = { ...(await logTree(log).now()), positions: bundle.positions ?? [] }
})

type Changes = Partial<LogPlace> & { readonly positions?: readonly number[] | null }

/** The evidence with another account of the log, sealed again by whoever has the controller's key. */
function withPlace(changes: Changes | null): string {
  const { seal: _seal, log: _log, positions: _positions, ...rest } = bundle
  const { positions = at.positions, ...more } = changes ?? {}
  const changed = {
    ...rest,
    ...(positions === null ? {} : { positions: [...positions] }),
    ...(changes === null ? {} : { log: { ...place, ...more } }),
  }
  const head = bundle.events.at(-1)
  const seal = { v: 1, run: RUN, seq: head?.seq ?? 1, head: head?.hash ?? '', sha256: hashOf(changed) }
  return canonicalJson({ ...changed, seal: sealStatement(controller, EVIDENCE_TYPE, `run/${RUN}`, seal) })
}

/** A checkpoint as somebody else kept it. */
async function kept(from: Log, earlier: TreeHead | null = null) {
  const file = await signCheckpoint({ ledger: from, signer: controller, clock }, earlier)
  if (!file.ok) throw new Error(file.refusal)
  const opened = openCheckpoint(new TextEncoder().encode(canonicalJson(file.value)), trust)
  if (!opened.ok) throw new Error(opened.refusal)
  return opened.value
}

describe('the place of a run in the log', () => {
  test('is shown by one proof of all its events against a signed checkpoint', () => {
    const { size, root } = at.head
    expect(check(text)).toMatchObject({ valid: true, log: { size, root, at: clock.now(), signedBy: controller.keyid } })
    expect(bundle.positions).toEqual(play.events.map((_, index) => (index < 7 ? index + 2 : index + 3)))
    expect(place.proof.length).toBeLessThan(10)
  })

  test('is not shown by evidence that was exported without the log, which says so', () => {
    const verified = check(withPlace(null))
    expect(verified).toMatchObject({ valid: true, log: null })
    expect(verified.valid && verified.unproven.join()).toContain('holds no checkpoint')
  })

  const stranger = ed25519Signer(new Uint8Array(32).fill(9))
  const statement = (signer = controller, more = {}) =>
    sealStatement(signer, CHECKPOINT_TYPE, 'log@1', { v: 1, ...at.head, at: clock.now(), ...more })
  test.each([
    ['a position too few', () => ({ positions: at.positions.slice(1) }), /one for each event/],
    ['no positions', () => ({ positions: null }), /events have 0 positions/],
    ['positions of other events', () => ({ positions: at.positions.map((one) => one + 1) }), /does not show/],
    ['one position twice', () => ({ positions: at.positions.with(1, at.positions[0] ?? 1) }), /one for each event/],
    ['a hash of the proof left out', () => ({ proof: place.proof.slice(1) }), /does not show/],
    ['a hash too many', () => ({ proof: [...place.proof, at.head.root] }), /does not show/],
    [
      'a checkpoint of another root',
      () => ({ checkpoint: statement(controller, { root: 'a'.repeat(64) }) }),
      /not show/,
    ],
    ['a checkpoint of another size', () => ({ checkpoint: statement(controller, { size: 400 }) }), /does not show/],
    ['a checkpoint that a stranger signed', () => ({ checkpoint: statement(stranger) }), /does not name/],
    [
      'a checkpoint whose signature was copied',
      () => ({ checkpoint: { ...statement(controller, { size: 400 }), signatures: place.checkpoint.signatures } }),
      /signature/,
    ],
    [
      'an earlier state that it does not go on from',
      () => ({ since: { size: 3, root: 'b'.repeat(64), proof: [] } }),
      /only grew/,
    ],
  ])('is not believed with %s', (_what, changes, fault) => {
    expect(check(withPlace(changes()))).toMatchObject({ valid: false, fault: expect.stringMatching(fault) })
  })

  test('cannot be stated for a log that ends before its events', async () => {
    const short = memoryLedger().ledger
    await short.append(recording([observed(OTHER, undefined, { text: 'alone' })]))
    const alone = placeInLog({ log: logTree(short).now, signer: controller, clock })
    await expect(exportEvidence({ ledger: log, signer: controller, place: alone }, RUN)).rejects.toThrow(RangeError)
  })
})

describe('an anchor that was kept from the log', () => {
  test('of the same moment is the same log', async () => {
    expect(check(text, { checkpoint: await kept(log) })).toMatchObject({ valid: true })
  })

  test('of another log of the same length names the fork', async () => {
    const forked = await kept(await aLog(['before', 'between', 'something else']))
    expect(check(text, { checkpoint: forked })).toMatchObject({ valid: false, fault: expect.stringMatching(/forked/) })
  })

  test('of an earlier moment is held against evidence that proves the log only grew since', async () => {
    const earlier = await kept(await aLog(['before', 'between']))
    expect(check(text, { checkpoint: earlier })).toMatchObject({
      valid: false,
      fault: expect.stringMatching(/--since/),
    })
    expect(check(await evidenceIn(log, earlier), { checkpoint: earlier })).toMatchObject({ valid: true })
  })

  test('of a later moment shows what was cut off, and proves with what it goes on from', async () => {
    const longer = await aLog(['before', 'between', 'after', 'and later'])
    const unconnected = await kept(longer)
    expect(check(text, { checkpoint: unconnected })).toMatchObject({ valid: false })
    expect(check(text, { checkpoint: await kept(longer, at.head) })).toMatchObject({ valid: true })
  })

  test('cannot be held against evidence that says nothing of the log', async () => {
    const fault = expect.stringContaining('says nothing of the log')
    expect(check(withPlace(null), { checkpoint: await kept(log) })).toMatchObject({ valid: false, fault })
  })
})

describe('the log as a tree in memory', () => {
  test('grows with the log and gives the proofs of the tree as a whole', async () => {
    const ledger = await aLog(['one', 'two'])
    const tree = logTree(ledger)
    const before = await tree.now()
    for (let i = 0; i < 5; i += 1)
      await ledger.append(recording([observed(OTHER, (await ledger.read(OTHER)).at(-1), { text: `more ${i}` })]))
    const [after, whole] = [await tree.now(), await logTree(ledger).now()]
    expect(after.head).toEqual(whole.head)
    expect(before.head.size).toBe(after.head.size - 5)
    expect(whole.rootOver(0, before.head.size)).toBe(before.head.root)
  })

  test('does not follow a log that was rewritten or cut off under it', async () => {
    let shown = await aLog()
    const tree = logTree({ log: (from, limit) => shown.log(from, limit) })
    await tree.now()
    shown = await aLog(['before', 'between', 'another end'])
    await expect(tree.now()).rejects.toThrow(/another event at position/)
    shown = await aLog(['before', 'between'])
    await expect(tree.now()).rejects.toThrow(/ends earlier/)
  })
})
