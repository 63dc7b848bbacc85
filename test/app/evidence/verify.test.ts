import { describe, expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey, exportEvidence } from '../../../src/app/evidence/export.ts'
import { sealStatement } from '../../../src/app/runner/statements.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { canonicalJson, parseCanonical } from '../../../src/domain/canonical.ts'
import { EVIDENCE_TYPE, Evidence } from '../../../src/domain/evidence.ts'
import { GRANT_TYPE } from '../../../src/domain/grant.ts'
import { hashOf, sha256Hex } from '../../../src/domain/hash.ts'
import { toDocument } from '../../../src/domain/packs/documents.ts'
import { transition } from '../../../src/domain/run/coordinator.ts'
import type { EventEnvelope } from '../../../src/domain/run/envelope.ts'
import { controller, RUN, stranger } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  evidenceOf,
  given,
  handedOver,
  ledgerOf,
  requested,
  settled,
  stopAsked,
  story,
} from '../../support/given.ts'
import { rechained } from './rechain.ts'

const trusted = [controllerKey(controller)]
const { play } = given().when(story.merged)
const text = await evidenceOf(play)
const bundle = Evidence.parse(parseCanonical(text))
const toBytes = (of: string) => new TextEncoder().encode(of)
const check = (of: string, changes = {}) => verifyEvidence(toBytes(of), { open: openEnvelope, trusted, ...changes })

/** The bundle changed, and sealed again by whoever has the signer's key. */
function resealed(changes: Partial<Evidence>, signer = controller): string {
  const { seal: _seal, log: _log, ...rest } = { ...bundle, ...changes }
  const head = rest.events.at(-1)
  return canonicalJson({
    ...rest,
    seal: sealStatement(signer, EVIDENCE_TYPE, `run/${RUN}`, {
      v: 1,
      run: RUN,
      seq: head?.seq ?? 1,
      head: head?.hash ?? '',
      sha256: hashOf(rest),
    }),
  })
}

describe('valid evidence', () => {
  test('says what was done and what it cannot prove', () => {
    const verified = check(text)
    expect(verified).toMatchObject({
      valid: true,
      phase: 'merged',
      trust: 'pinned',
      venue: 'github',
      grants: 2,
      stepReceipts: 4,
      approvals: 1,
    })
    expect(verified.valid && verified.unproven.join()).toContain('the controller’s account')
  })

  test('without a pinned key it says that it vouches for itself', () => {
    const verified = check(text, { trusted: null })
    expect(verified).toMatchObject({ valid: true, trust: 'own-word' })
    expect(verified.valid && verified.unproven[0]).toContain('own word')
  })

  test.each([
    ['stopped while it is planned', [requested(), settled(), stopAsked(), allSettled]],
    ['waiting for its job', [story.asked]],
    ['waiting for approval', [story.proposed]],
    ['delivered', [story.delivered]],
  ])('a run %s can be exported and verified', async (_what, scenes) => {
    const one = given().when(...scenes).play
    expect(check(await evidenceOf(one))).toMatchObject({ valid: true, phase: one.state.phase })
  })

  test('an anchored position that it holds is fine', () => {
    expect(check(text, { anchor: { seq: 5, hash: bundle.events[4]?.hash } }).valid).toBe(true)
  })

  test('there is none of a run that does not exist', async () => {
    expect(await exportEvidence({ ledger: await ledgerOf(play), signer: controller }, '9999999999')).toBeUndefined()
  })

  test('a bundle never holds a blob that only looks named', async () => {
    const secret = toDocument({ secret: 'of another run' })
    const named = given().when(requested({ words: { text: secret.sha256 } }), (it) => void it.shelf.put(secret)).play
    const exported = await evidenceOf(named)
    expect(exported).not.toContain(`"sha256":"${secret.sha256}"`)
    expect(check(exported).valid).toBe(true)
  })
})

describe('invalid evidence', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['other JSON', '{}'],
    ['a space at the end', `${text} `],
    ['a byte order mark', `\ufeff${text}`],
    ['other order of keys', JSON.stringify(Object.fromEntries(Object.entries(bundle).toReversed()))],
    ['a number', '7'],
    ['deep nesting', '['.repeat(100_000)],
  ])('%s is unreadable', (_what, of) => {
    expect(check(of)).toMatchObject({ valid: false, where: expect.any(String) })
  })

  test('a member that evidence does not have is named, also at its top', () => {
    expect(check(canonicalJson({ ...bundle, zzz: 1 }))).toMatchObject({
      valid: false,
      where: 'the file',
      fault: expect.stringContaining('"zzz"'),
    })
  })

  test('bytes that are no UTF-8 are unreadable', () => {
    expect(verifyEvidence(new Uint8Array([0xff, 0xfe]), { open: openEnvelope, trusted })).toMatchObject({
      valid: false,
      fault: expect.stringContaining('UTF-8'),
    })
  })

  test('no byte can be changed', () => {
    const bytes = toBytes(text)
    const step = Math.max(1, Math.floor(bytes.length / 400))
    for (let at = 3; at < bytes.length; at += step) {
      const changed = bytes.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(verifyEvidence(changed, { open: openEnvelope, trusted }).valid, `byte ${at}`).toBe(false)
    }
  })

  test('every event left out is noticed', () => {
    for (const [index] of bundle.events.entries()) {
      const events = bundle.events.filter((_, at) => at !== index)
      if (events.length > 0 && index < bundle.events.length - 1)
        expect(check(resealed({ events })).valid, `event ${index + 1}`).toBe(false)
    }
  })

  test('two events in each other’s place are noticed', () => {
    const [first, second, ...rest] = bundle.events
    if (first === undefined || second === undefined) throw new Error('there are no events')
    expect(check(resealed({ events: [second, first, ...rest] }))).toMatchObject({ valid: false })
  })

  test('a tail cut off is noticed by the controller’s position elsewhere', () => {
    const last = bundle.events.at(-1)
    const short = given().when(story.proposed).play
    expect(check(resealed({ events: short.events }), { anchor: { seq: last?.seq, hash: last?.hash } })).toMatchObject({
      valid: false,
    })
  })

  test('a chain computed anew is refused without the controller’s key', () => {
    const events = rechained(bundle.events, ({ type, data }) =>
      type === 'ReviewSeen' ? { ...data, reviewId: '1' } : data,
    )
    expect(check(resealed({ events, keys: [controllerKey(stranger)] }, stranger))).toMatchObject({
      valid: false,
      fault: expect.stringContaining('trusted'),
    })
    expect(check(resealed({ events }, stranger))).toMatchObject({ valid: false, where: 'the seal' })
    expect(check(canonicalJson({ ...bundle, events }))).toMatchObject({ valid: false })
  })

  test('a missing blob and one too many are named', () => {
    const [one, ...blobs] = bundle.blobs
    expect(check(resealed({ blobs }))).toMatchObject({ valid: false, fault: expect.stringContaining('missing') })
    const extra = toDocument({ extra: true })
    const more = [...bundle.blobs, { sha256: extra.sha256, base64: Buffer.from(extra.bytes).toString('base64') }].sort(
      (a, b) => (a.sha256 < b.sha256 ? -1 : 1),
    )
    expect(check(resealed({ blobs: more }))).toMatchObject({ valid: false, where: `blob ${extra.sha256}` })
    expect(one).toBeDefined()
  })

  test('a blob with other bytes is named', () => {
    const blobs = bundle.blobs.map((blob, index) => (index === 0 ? { ...blob, base64: 'AAAA' } : blob))
    expect(check(resealed({ blobs }))).toMatchObject({ valid: false, where: `blob ${bundle.blobs[0]?.sha256 ?? ''}` })
  })

  test('an effect settled with a receipt of another effect is named, even by the key’s own holder', () => {
    const receipts = bundle.events.flatMap((event) => (event.type === 'EffectSettled' ? [event] : []))
    const [one, other] = [receipts[0], receipts[1]]
    const outcomeOf = (event: EventEnvelope | undefined) => event?.data['outcome'] ?? null
    const events = rechained(bundle.events, ({ seq, data }) =>
      seq === one?.seq ? { ...data, outcome: outcomeOf(other) } : data,
    )
    expect(check(resealed({ events, blobs: bundle.blobs }))).toMatchObject({ valid: false })
  })

  test('a Grant signed by someone else is named', () => {
    const forged = given(requested(), allSettled).when((it) => {
      const grant = it.state.grants[0]?.document ?? ''
      const document = JSON.parse(new TextDecoder().decode(it.shelf.documents(grant)))
      claimed({ envelope: it.shelf.document(sealStatement(stranger, GRANT_TYPE, 'x', document)) })(it)
    }).play
    return evidenceOf(forged).then((of) =>
      expect(check(of)).toMatchObject({ valid: false, fault: 'the Grant is not signed by the controller' }),
    )
  })

  test('a delivery signed by another key than the one that claimed is named', async () => {
    const forged = given(story.dryRun).when(handedOver({ signer: stranger })).play
    expect(check(await evidenceOf(forged))).toMatchObject({
      valid: false,
      fault: expect.stringContaining('not signed by the key of this job'),
    })
  })

  test('rules gone wrong are named by deciding again', () => {
    const verified = verifyEvidence(toBytes(text), { open: openEnvelope, trusted }, () => {
      throw new Error('another engine')
    })
    expect(verified).toMatchObject({
      valid: false,
      where: `run/${RUN}@1`,
      fault: expect.stringContaining('decided again it differs'),
    })
  })

  test('a run that another release decided otherwise is valid, and what was not decided again is said', () => {
    const older = { open: openEnvelope, trusted, engine: () => 'f'.repeat(64) }
    const verified = verifyEvidence(toBytes(text), older, (past, input, documents) => {
      if (input.type === 'ReviewSeen') throw new Error('a later rule')
      return transition(past, input, documents)
    })
    const review = play.events.find(({ type }) => type === 'ReviewSeen')
    expect(verified).toMatchObject({ valid: true, phase: 'merged', changed: [`run/${RUN}@${review?.seq}`] })
    expect(verified).toMatchObject({ unproven: expect.arrayContaining([expect.stringMatching(/^Another release/)]) })
  })

  test('the digest of the bundle is the same each time it is exported', async () => {
    expect(sha256Hex(await evidenceOf(play))).toBe(sha256Hex(text))
  })
})
