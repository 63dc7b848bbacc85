import { beforeAll, describe, expect, test } from 'vitest'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { verifyEvidence } from '../../src/app/verify.ts'
import { tamper, tamperings } from './sets.ts'
import { type Bundle, mergedBundle, shortBundles } from './stories.ts'
import { tally } from './verdict.ts'

/** `test/tamper/run.ts` tries them all; here as many of each kind as are spread over it, always the same. */
const SPREAD: Readonly<Record<string, number>> = {
  'each byte changed': 251,
  'each bit turned': 1999,
  'bytes left out, doubled, cut off': 1999,
  'events, by others': 61,
  'members of events, by others': 61,
  'blobs, by others': 41,
  'Grants, receipts, documents exchanged, by others': 23,
  'signatures stripped, by others': 29,
  'Grants, receipts, documents exchanged, by the controller': 7,
  'signatures stripped, by the controller': 11,
  'the end cut off, by the controller, a later position known': 5,
}

let bundles: readonly Bundle[]
beforeAll(async () => {
  bundles = [...(await shortBundles()), await mergedBundle()]
})

describe('tampering', () => {
  test('is tried on evidence that is valid as it is, and that tells of different runs', () => {
    const found = bundles.map(({ bytes, trusted }) => verifyEvidence(bytes, { open: openEnvelope, trusted }))
    expect(found.map((one) => one.valid && one.phase)).toEqual(['proposed', 'delivered', 'cancelled', 'merged'])
    for (const { bytes } of bundles) expect(bytes.length).toBeGreaterThan(50_000)
  })

  test.each([...tamperings.keys()])('%s is never taken for valid', (tampering) => {
    for (const [index, bundle] of bundles.entries()) {
      const other = bundles[(index + 1) % bundles.length] ?? bundle
      const step = (SPREAD[tampering] ?? 1) * (index === 3 ? 5 : 1)
      const { tried, undetected } = tamper(tampering, { bundle, other, positions: { from: index % step, step } })
      expect(undetected).toEqual([])
      expect(tried).toBeGreaterThan(0)
    }
  })

  test('counts what a verifier lets through, and that it breaks', () => {
    const [bundle] = bundles
    if (bundle === undefined) throw new Error('there is no bundle')
    const same = [{ what: 'nothing', bytes: bundle.bytes }]
    expect(tally(same, bundle)).toMatchObject({ tried: 1, undetected: ['nothing: it was taken for valid'] })
  })
})
