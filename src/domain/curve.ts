import { fromBase64, fromHex } from './patch/bytes.ts'

export const KEY_BYTES = 32

const FIELD = 2n ** 255n - 19n
/** 2^252 + 27742317777372353535851937790883648493, the lowest byte first. */
const GROUP_ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/** The y coordinates of the eight points of low order: a signature under such a key proves nothing. */
const LOW_ORDER = new Set([
  0n,
  1n,
  FIELD - 1n,
  fromLittleEndian(fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')),
  fromLittleEndian(fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')),
])

/** Whether these bytes spell a point in the one allowed way and the point is not of low order. */
export function isCanonicalPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== KEY_BYTES) return false
  const y = fromLittleEndian(bytes) & (2n ** 255n - 1n)
  return y < FIELD && !LOW_ORDER.has(y)
}

export function isCanonicalScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== KEY_BYTES) return false
  const highest = bytes.findLastIndex((byte, at) => byte !== GROUP_ORDER[at])
  return highest !== -1 && (bytes[highest] ?? 0) < (GROUP_ORDER[highest] ?? 0)
}

/** The 32 bytes of a public key that is written in base64, in its one spelling; undefined where nobody can sign with it. */
export function publicKeyBytes(publicKey: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(publicKey)) return undefined
  const raw = fromBase64(publicKey)
  return raw !== undefined && isCanonicalPoint(raw) ? raw : undefined
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => number * 256n + BigInt(byte), 0n)
}
