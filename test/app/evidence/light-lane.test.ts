import { describe, expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { openBundle } from '../../../src/app/evidence/open-bundle.ts'
import { auditSignatures } from '../../../src/app/evidence/signed-facts.ts'
import { sealStatement } from '../../../src/app/runner/statements.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { canonicalJson, parseCanonical } from '../../../src/domain/canonical.ts'
import { plus } from '../../../src/domain/clock.ts'
import { EVIDENCE_TYPE, Evidence } from '../../../src/domain/evidence.ts'
import { hashOf, type Sha256, sha1Hex } from '../../../src/domain/hash.ts'
import { toDocument } from '../../../src/domain/packs/documents.ts'
import { Plan } from '../../../src/domain/packs/plan.ts'
import type { EventEnvelope } from '../../../src/domain/run/envelope.ts'
import { controller, RUN, shippedLanes } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  evidenceOf,
  given,
  handedOver,
  requested,
  reviewed,
  story,
  world,
} from '../../support/given.ts'
import { rechained } from './rechain.ts'

const trusted = [controllerKey(controller)]
const light = world((it) => void (it.policy = { lanes: { light: shippedLanes.light } }))
const { play } = given(light).when(requested(), allSettled, claimed(), handedOver(), allSettled, reviewed(), allSettled)
const text = await evidenceOf(play)
const bundle = Evidence.parse(parseCanonical(text))
const standard = Evidence.parse(parseCanonical(await evidenceOf(given().when(story.delivered).play)))

type Data = EventEnvelope['data']

/** The evidence with events changed by the holder of the controller's key: every hash, cause and seal is right again. */
function forged(
  of: Evidence,
  change: (event: EventEnvelope) => Data,
  { add = [], drop = () => false }: { add?: readonly unknown[]; drop?: (event: EventEnvelope) => boolean } = {},
): string {
  const documents = add.map((value) => toDocument(value))
  const blobs = [
    ...of.blobs,
    ...documents.map(({ sha256, bytes }) => ({ sha256, base64: Buffer.from(bytes).toString('base64') })),
  ].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  const kept = of.events.map((event) =>
    drop(event) ? { ...event, type: 'NothingFollows', data: { because: 'it is left out' } } : event,
  )
  const { seal: _seal, log: _log, ...rest } = { ...of, events: rechained(kept, change), blobs }
  const head = rest.events.at(-1)
  const seal = { v: 1, run: RUN, seq: head?.seq ?? 1, head: head?.hash ?? '', sha256: hashOf(rest) }
  return canonicalJson({ ...rest, seal: sealStatement(controller, EVIDENCE_TYPE, `run/${RUN}`, seal) })
}

/** What the signatures and what they bind say by themselves, whatever the rules of an engine come to. */
function audit(of: string) {
  const opened = openBundle(new TextEncoder().encode(of), { open: openEnvelope, trusted })
  if (!opened.ok) return opened.refusal
  return auditSignatures(opened.value, openEnvelope)
}

const changed =
  (type: string, data: Data) =>
  (event: EventEnvelope): Data =>
    event.type === type ? { ...event.data, ...data } : event.data

const blobOf = (of: Evidence, sha256: Sha256 | null): unknown =>
  JSON.parse(Buffer.from(of.blobs.find((blob) => blob.sha256 === sha256)?.base64 ?? '', 'base64').toString('utf8'))
const plan = Plan.parse(blobOf(bundle, play.state.plan?.hash ?? null))

/** The same evidence about another plan: everything that names the plan names the other one. */
function withPlan(changes: Partial<Plan>): string {
  const other = { ...plan, ...changes }
  const was = play.state.plan?.hash ?? ''
  const swap = (event: EventEnvelope): Data => JSON.parse(JSON.stringify(event.data).replaceAll(was, hashOf(other)))
  const lane = (event: EventEnvelope): Data =>
    event.type === 'PlanFrozen' ? { ...swap(event), lane: other.lane } : swap(event)
  return forged({ ...bundle, blobs: bundle.blobs.filter(({ sha256 }) => sha256 !== was) }, lane, { add: [other] })
}

describe('evidence of a run in the light lane', () => {
  test('holds, with one Grant, the receipts of one job and no execution', () => {
    expect(verifyEvidence(new TextEncoder().encode(text), { open: openEnvelope, trusted })).toMatchObject({
      valid: true,
      phase: 'delivered',
      grants: 1,
      stepReceipts: 2,
      approvals: 1,
    })
  })

  test('a change sealed again by the key’s own holder is not what the rules come to', () => {
    const of = forged(bundle, changed('DryRunReused', { reproduced: false }))
    expect(verifyEvidence(new TextEncoder().encode(of), { open: openEnvelope, trusted })).toMatchObject({
      valid: false,
    })
  })

  test.each<[string, () => string, RegExp]>([
    [
      'names another dry run than the one that settled the plan',
      () => forged(bundle, changed('DryRunReused', { delivery: play.state.dryRun?.receipts[0] ?? '' })),
      /did not settle this plan/,
    ],
    [
      'names another Grant than the one that was delivered',
      () => forged(bundle, changed('DryRunReused', { dryRun: `${RUN}-7` })),
      /no job handed over/,
    ],
    [
      'rests on a job that GitHub did not attest',
      () => forged(bundle, changed('GrantUsed', { job: 'local' })),
      /GitHub attested no job/,
    ],
    ['is of a plan in the standard lane', () => withPlan({ lane: 'standard' }), /standard lane is executed by a job/],
    ['is of a plan with other steps', () => withPlan({ steps: plan.steps.toReversed() }), /other steps/],
    [
      'is of a plan on another base',
      () => withPlan({ base: { ...plan.base, sha: sha1Hex('another base') } }),
      /another base/,
    ],
    ['is of a plan with another tree', () => withPlan({ predictedTree: sha1Hex('another tree') }), /another tree/],
    [
      'is of a plan that a contractor drafted',
      () => withPlan({ drafter: { is: 'contractor', name: 'some-cli', version: '1' } }),
      /contractor/,
    ],
    [
      'says that it lands another tree',
      () => forged(bundle, changed('DryRunReused', { tree: sha1Hex('another tree') })),
      /another tree/,
    ],
    [
      'says that it was measured later than it was',
      () => forged(bundle, changed('DryRunReused', { since: '2026-03-01T10:00:00.000Z' })),
      /claimed at another time/,
    ],
    [
      'names no approval that was given',
      () => forged(bundle, changed('DryRunReused', { approvals: [{ ...play.state.approvals[0], userId: '9' }] })),
      /other approvals/,
    ],
    [
      'comes before any approval',
      () => forged(bundle, ({ data }) => data, { drop: ({ type }) => type === 'RunApproved' }),
      /without an approval/,
    ],
    [
      'is of an approval of another commit',
      () => forged(bundle, changed('PlanProposed', { commit: sha1Hex('another commit') })),
      /another commit/,
    ],
    [
      'was not decided at all',
      () => forged(bundle, ({ data }) => data, { drop: ({ type }) => type === 'DryRunReused' }),
      /nothing executed on an approval stands behind/,
    ],
  ])('a delivery whose dry run %s is invalid by what was signed alone', (_what, of, because) => {
    expect(audit(of())).toMatchObject({ fault: expect.stringMatching(because) })
  })

  test('a dry run that is older than the policy lets it stand is invalid', () => {
    const old = { ...bundle, events: aged(bundle.events, shippedLanes.light.hours ?? 0) }
    expect(audit(forged(old, ({ data }) => data))).toMatchObject({ fault: expect.stringMatching(/does not stand at/) })
  })
})

/** Everything from the approval on happens so many hours and a millisecond later. */
function aged(events: readonly EventEnvelope[], hours: number): EventEnvelope[] {
  const from = events.findIndex(({ type }) => type === 'ReviewSeen')
  return events.map((event, index) => (index < from ? event : { ...event, at: plus(event.at, hours * 3_600_000 + 1) }))
}

describe('evidence of a run in the standard lane', () => {
  test('a delivery from the dry run, without the receipts of an execution, is invalid', () => {
    const dryRun = standard.events.find(({ type }) => type === 'PlanFrozen')?.data['delivery'] ?? null
    const of = forged(standard, changed('DeliveryRequested', { delivery: dryRun }))
    expect(audit(of)).toMatchObject({ fault: expect.stringMatching(/nothing executed on an approval stands behind/) })
  })

  test('and it is valid as it was recorded', () => {
    expect(audit(canonicalJson(standard))).toMatchObject({ grants: 2, stepReceipts: 4 })
  })
})
