import { expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { controller } from '../../support/builders.ts'
import {
  allSettled,
  amended,
  claimed,
  evidenceOf,
  given,
  handedOver,
  reviewed,
  reviewRead,
  story,
} from '../../support/given.ts'

test('the evidence of a run whose request was amended, by words and by a review, is whole by itself', async () => {
  const { play } = given(
    story.approved,
    (it) => amended({ review: reviewRead(it) })(it),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
    reviewed(),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
  ).when()
  expect(play.state.phase).toBe('delivered')
  const bytes = new TextEncoder().encode(await evidenceOf(play))
  const verified = verifyEvidence(bytes, { open: openEnvelope, trusted: [controllerKey(controller)] })
  expect(verified).toMatchObject({ valid: true })
})
