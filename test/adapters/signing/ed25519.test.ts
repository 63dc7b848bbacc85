import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ed25519Signer, freshSigner, keyidOf, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { PAYLOAD_TYPE, preAuthEncoding, statementIn, toStatement } from '../../../src/domain/dsse.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'

const payload = new TextEncoder().encode('{"a":1}')
const signer = ed25519Signer(new Uint8Array(32).fill(7))
const envelope = signer.sign(payload)

function withSignature(sig: string) {
  return { ...envelope, signatures: [{ keyid: signer.keyid, sig }] as [{ keyid: string; sig: string }] }
}

describe('a DSSE envelope', () => {
  it('opens under the key that signed it', () => {
    expect(openEnvelope(envelope, signer.publicKey)).toEqual(payload)
    const other = freshSigner()
    expect(openEnvelope(other.sign(payload), other.publicKey)).toEqual(payload)
  })

  it('holds a statement in canonical bytes alone: a byte order mark before them is not passed over', () => {
    const statement = toStatement('urn:test', 'one', { a: 1 })
    const bytes = Buffer.from(canonicalJson(statement))
    const inside = (payload: Uint8Array) => statementIn(signer.sign(payload))
    expect(inside(bytes)).toEqual(statement)
    expect(inside(Buffer.concat([Buffer.from('\uFEFF'), bytes]))).toBeUndefined()
  })

  it('names its key by the SHA-256 of the 32 raw bytes', () => {
    expect(signer.keyid).toBe(sha256Hex(Buffer.from(signer.publicKey, 'base64')))
    expect(keyidOf(signer.publicKey)).toBe(signer.keyid)
    expect(Buffer.from(signer.publicKey, 'base64')).toHaveLength(32)
  })

  it('agrees with RFC 8032, test 1', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
    expect(Buffer.from(ed25519Signer(seed).publicKey, 'base64').toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    )
  })

  it('does not open under another key, nor when its keyid names another', () => {
    expect(openEnvelope(envelope, freshSigner().publicKey)).toBeUndefined()
    const [{ sig }] = envelope.signatures
    expect(
      openEnvelope({ ...envelope, signatures: [{ keyid: freshSigner().keyid, sig }] }, signer.publicKey),
    ).toBeUndefined()
  })

  it('does not open when any one byte of payload or signature is another', () => {
    for (let i = 0; i < payload.length; i += 1) {
      const bytes = Uint8Array.from(payload)
      bytes[i] = (bytes[i] ?? 0) ^ 1
      expect(
        openEnvelope({ ...envelope, payload: Buffer.from(bytes).toString('base64') }, signer.publicKey),
      ).toBeUndefined()
    }
    for (let i = 0; i < 64; i += 1) {
      const sig = Buffer.from(envelope.signatures[0].sig, 'base64')
      sig[i] = (sig[i] ?? 0) ^ 1
      expect(openEnvelope(withSignature(sig.toString('base64')), signer.publicKey)).toBeUndefined()
    }
  })

  it('refuses base64 that is not in its canonical spelling', () => {
    const [{ sig }] = envelope.signatures
    const loose = sig.replace(/.==$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}==`)
    expect(Buffer.from(loose, 'base64')).toEqual(Buffer.from(sig, 'base64'))
    for (const spelling of [
      loose,
      sig.replace(/=+$/, ''),
      ` ${sig}`,
      `${sig}\n`,
      sig.replaceAll('+', '-').replaceAll('/', '_'),
    ]) {
      if (spelling !== sig) expect(openEnvelope(withSignature(spelling), signer.publicKey)).toBeUndefined()
    }
    expect(openEnvelope(envelope, `${signer.publicKey}\n`)).toBeUndefined()
    expect(openEnvelope({ ...envelope, payload: `${envelope.payload}\n` }, signer.publicKey)).toBeUndefined()
  })

  it('refuses a signature whose scalar is not below the group order', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const bytes = Buffer.from(envelope.signatures[0].sig, 'base64')
    const scalar = BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString('hex')}`) + order
    const twin = Buffer.concat([
      bytes.subarray(0, 32),
      Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').toReversed(),
    ])
    expect(openEnvelope(withSignature(twin.toString('base64')), signer.publicKey)).toBeUndefined()
  })

  it.each([
    ['zero', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['one', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['one with the sign set', '0100000000000000000000000000000000000000000000000000000000000080'],
    ['minus one', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['order eight', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['order eight, other', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['the field prime', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['one above the prime', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['all ones', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'],
  ])('refuses the key %s, which is of low order or not canonical', (_name, hex) => {
    const raw = Buffer.from(hex, 'hex')
    const key = raw.toString('base64')
    expect(keyidOf(key)).toBeUndefined()
    const sig = Buffer.concat([Buffer.from('01', 'hex'), Buffer.alloc(63)]).toString('base64')
    const forged = { payload: 'e30=', payloadType: PAYLOAD_TYPE, signatures: [{ keyid: sha256Hex(raw), sig }] } as const
    expect(openEnvelope({ ...forged, signatures: [{ keyid: sha256Hex(raw), sig }] }, key)).toBeUndefined()
  })

  it('is the signature of DSSE pre-authentication encoding, so that other programs can check it', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(12)
    const made = sign(null, preAuthEncoding(payload), privateKey).toString('base64')
    const outside = {
      payload: Buffer.from(payload).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ keyid: sha256Hex(raw), sig: made }] as [{ keyid: string; sig: string }],
    } as const
    expect(openEnvelope({ ...outside, signatures: outside.signatures }, raw.toString('base64'))).toEqual(payload)
  })

  it('cannot be made from a seed of another length', () => {
    expect(() => ed25519Signer(new Uint8Array(31))).toThrow(RangeError)
  })
})
