import { describe, expect, it } from 'vitest'
import { ed25519Signer, isSignature, keyidOf, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { openCheckpoint, signCheckpoint } from '../../../src/app/checkpoints.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { canonicalJson, parseCanonical } from '../../../src/domain/canonical.ts'
import { preAuthEncoding } from '../../../src/domain/dsse.ts'
import { Evidence } from '../../../src/domain/evidence.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { readTrustedKeys } from '../../../src/domain/trusted-keys.ts'
import { aJobDesk } from '../../support/a-job-desk.ts'
import { RUN } from '../../support/builders.ts'
import { evidenceOf, given, ledgerOf, story } from '../../support/given.ts'
import { largeScalars, twinOf, weakKeys } from '../../support/weak-keys.ts'

const signer = ed25519Signer(new Uint8Array(32).fill(7))
const bytes = (value: unknown) => new TextEncoder().encode(canonicalJson(value))
const named = (publicKey: string) => ({
  ...controllerKey(signer),
  keyid: sha256Hex(Buffer.from(publicKey, 'base64')),
  publicKey,
})
const { play } = given().when(story.asked)

describe('a key of low order, or not in its one spelling', () => {
  it('is written in fourteen ways, and thirty-four more are not below the field prime', () => {
    expect(new Set(weakKeys).size).toBe(48)
  })

  it('has no name and signs nothing', () => {
    for (const key of weakKeys) {
      const raw = Buffer.from(key, 'base64')
      expect(keyidOf(key), key).toBeUndefined()
      const trivial = Buffer.concat([Buffer.from('01', 'hex'), Buffer.alloc(63)])
      expect(isSignature(raw, bytes('anything'), trivial), key).toBe(false)
      expect(isSignature(raw, bytes('anything'), Buffer.concat([raw, Buffer.alloc(32)])), key).toBe(false)
    }
  })

  it('is pinned by no file of keys, of a reader or a repository', () => {
    for (const key of weakKeys)
      expect(readTrustedKeys(bytes({ keys: [controllerKey(signer), named(key)] })), key).toMatchObject({ ok: false })
  })

  it('stands in no evidence and on no checkpoint', async () => {
    const evidence = Evidence.parse(parseCanonical(await evidenceOf(play)))
    const file = await signCheckpoint({ ledger: await ledgerOf(play), signer, clock: { now: () => play.now } }, null)
    for (const key of weakKeys) {
      const changed = { ...evidence, keys: [...evidence.keys, named(key)] }
      expect(verifyEvidence(bytes(changed), { open: openEnvelope, trusted: null }), key).toMatchObject({
        fault: expect.stringContaining('nobody can sign with it'),
      })
      const checkpoint = bytes({ ...Object(file.ok ? file.value : {}), key: named(key) })
      expect(openCheckpoint(checkpoint, { open: openEnvelope, trusted: null })).toMatchObject({
        refusal: expect.stringContaining('not usable'),
      })
    }
  })

  it('claims no Grant', async () => {
    const { jobs, token, recorded } = await aJobDesk(story.asked)
    for (const publicKey of weakKeys.slice(0, 20))
      expect(await jobs.claim(token(publicKey), { grant: `${RUN}-1`, effect: `${RUN}/1/0`, publicKey })).toMatchObject({
        ok: false,
        refusal: { status: 403, error: { because: expect.stringContaining('not a usable Ed25519 key') } },
      })
    expect((await recorded()).map(({ type }) => type)).not.toContain('GrantUsed')
  })
})

describe('a signature that is not in its one spelling', () => {
  const payload = bytes({ a: 1 })
  const envelope = signer.sign(payload)
  const signature = Buffer.from(envelope.signatures[0].sig, 'base64')
  const publicKey = Buffer.from(signer.publicKey, 'base64')
  const holds = (changed: Uint8Array) => isSignature(publicKey, preAuthEncoding(payload), changed)

  it.each(
    [twinOf(signature.subarray(32)), ...largeScalars].map((scalar) => ({ name: scalar.toString('hex'), scalar })),
  )('is refused with the scalar $name', ({ scalar }) => {
    expect(holds(signature)).toBe(true)
    expect(holds(Buffer.concat([signature.subarray(0, 32), scalar]))).toBe(false)
  })

  it('is refused with another length, and with any weak point as its first half', () => {
    for (const wrong of [signature.subarray(1), Buffer.concat([signature, Buffer.alloc(1)]), Buffer.alloc(0)])
      expect(holds(wrong)).toBe(false)
    for (const key of weakKeys) {
      const point = Buffer.from(key, 'base64')
      expect(holds(Buffer.concat([point, signature.subarray(32)]))).toBe(false)
      expect(holds(Buffer.concat([point, Buffer.alloc(32)]))).toBe(false)
    }
  })
})
