import type { Anchor } from '../../src/app/evidence/open-bundle.ts'
import type { Evidence } from '../../src/domain/evidence.ts'
import { bitsTurned, bytesChanged, bytesMoved, type Change, type Positions } from './changes.ts'
import { blobForgeries, cuts, eventForgeries, memberForgeries, nameForgeries, signatureForgeries } from './forgeries.ts'
import { type Forgery, sealedWithKey, sealedWithoutKey } from './seals.ts'
import { type Bundle, evidenceIn } from './stories.ts'
import { type Tally, tally } from './verdict.ts'

/** One kind of tampering with a bundle; `other` is another run’s, from which things are taken. */
type Tampering = {
  readonly changes: (bundle: Bundle, other: Bundle, positions: Positions) => Iterable<Change>
  /** A position that the reader knows from elsewhere, where the tampering can be seen by nothing else. */
  readonly anchor?: (evidence: Evidence) => Anchor
}

export const tamperings: ReadonlyMap<string, Tampering> = new Map<string, Tampering>([
  ['each byte changed', { changes: ({ bytes }, _other, positions) => bytesChanged(bytes, positions) }],
  ['each bit turned', { changes: ({ bytes }, _other, positions) => bitsTurned(bytes, positions) }],
  ['bytes left out, doubled, cut off', { changes: ({ bytes }, _other, positions) => bytesMoved(bytes, positions) }],
  ['events, by others', { changes: forged(eventForgeries, sealedWithoutKey) }],
  ['members of events, by others', { changes: forged(memberForgeries, sealedWithoutKey) }],
  ['blobs, by others', { changes: forged(blobForgeries, sealedWithoutKey) }],
  ['Grants, receipts, documents exchanged, by others', { changes: forged(nameForgeries, sealedWithoutKey) }],
  ['signatures stripped, by others', { changes: forged(signatureForgeries, sealedWithoutKey) }],
  ['Grants, receipts, documents exchanged, by the controller', { changes: forged(nameForgeries, sealedWithKey) }],
  ['signatures stripped, by the controller', { changes: forged(signatureForgeries, sealedWithKey) }],
  [
    'the end cut off, by the controller, a later position known',
    { changes: forged(cuts, sealedWithKey), anchor: headOf },
  ],
])

export function tamper(
  name: string,
  { bundle, other, positions }: { readonly bundle: Bundle; readonly other: Bundle; readonly positions: Positions },
): Tally {
  const tampering = tamperings.get(name)
  if (tampering === undefined) throw new RangeError(`there is no tampering ${name}`)
  const anchor = tampering.anchor?.(evidenceIn(bundle)) ?? null
  return tally(tampering.changes(bundle, other, positions), { trusted: bundle.trusted, anchor })
}

function headOf({ events }: Evidence): Anchor {
  return { seq: events.length, hash: events.at(-1)?.hash ?? '' }
}

function forged(
  forge: (evidence: Evidence, other: Evidence) => Iterable<Forgery>,
  seal: (forgery: Forgery) => Iterable<Change>,
): Tampering['changes'] {
  return function* (bundle, other, { from, step }) {
    let index = 0
    for (const forgery of forge(evidenceIn(bundle), evidenceIn(other))) {
      if (index % step === from) yield* seal(forgery)
      index += 1
    }
  }
}
