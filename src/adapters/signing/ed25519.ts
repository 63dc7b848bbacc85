import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { readBase64 } from '../../app/base64.ts'
import type { OpenEnvelope, Signer } from '../../app/ports.ts'
import { isCanonicalScalar, KEY_BYTES, publicKeyBytes } from '../../domain/curve.ts'
import { PAYLOAD_TYPE, preAuthEncoding } from '../../domain/dsse.ts'
import { type Sha256, sha256Hex } from '../../domain/hash.ts'

/** RFC 8410: what stands before the 32 bytes of a seed in PKCS#8, and before those of a public key in SPKI. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

export const SEED_BYTES = 32
const SIGNATURE_BYTES = 64

/** A signer of DSSE envelopes whose private key is this seed. Throws RangeError on a seed of another length. */
export function ed25519Signer(seed: Uint8Array): Signer {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes, not ${seed.length}`)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  const raw = rawPublicKey(key)
  const keyid = sha256Hex(raw)
  return {
    keyid,
    publicKey: raw.toString('base64'),
    sign: (payload) => ({
      payload: Buffer.from(payload).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ keyid, sig: sign(null, preAuthEncoding(payload), key).toString('base64') }],
    }),
  }
}

/** A signer whose key exists in this process only. */
export function freshSigner(): Signer {
  return ed25519Signer(randomBytes(SEED_BYTES))
}

/** The name of a public key (base64, 32 raw bytes): its SHA-256; undefined when that is no key. */
export function keyidOf(publicKey: string): Sha256 | undefined {
  return prepared(publicKey)?.keyid
}

/**
 * The payload of an envelope whose one signature is valid under this key. There is one spelling of everything: base64
 * that decodes to the same bytes in two ways, a point of low order or a scalar beyond the group order is refused.
 */
export const openEnvelope: OpenEnvelope = (envelope, publicKey) => {
  const { keyid, sig } = envelope.signatures[0]
  const known = prepared(publicKey)
  if (known?.keyid !== keyid) return undefined
  const payload = readBase64(envelope.payload)
  const signature = readBase64(sig)
  if (payload === undefined || signature === undefined) return undefined
  return isSignedWith(known.key, preAuthEncoding(payload), signature) ? new Uint8Array(payload) : undefined
}

/** Whether this is the one spelling of a signature over these bytes under a key that somebody can sign with. */
export function isSignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  const known = prepared(Buffer.from(publicKey).toString('base64'))
  return known !== undefined && isSignedWith(known.key, bytes, signature)
}

function isSignedWith(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === SIGNATURE_BYTES &&
    isCanonicalScalar(signature.subarray(32)) &&
    verify(null, bytes, key, signature)
  )
}

type Prepared = { readonly keyid: Sha256; readonly key: KeyObject }
const keys = new Map<string, Prepared>()
const MOST_PREPARED = 64

/** The key as OpenSSL holds it: making it ready costs as much as a signature, and a run’s signatures share a few keys. */
function prepared(publicKey: string): Prepared | undefined {
  const known = keys.get(publicKey)
  if (known !== undefined) return known
  const raw = publicKeyBytes(publicKey)
  if (raw === undefined) return undefined
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' })
  if (keys.size === MOST_PREPARED) keys.clear()
  const made = { keyid: sha256Hex(raw), key }
  keys.set(publicKey, made)
  return made
}

function rawPublicKey(key: KeyObject): Buffer {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return spki.subarray(spki.length - KEY_BYTES)
}
