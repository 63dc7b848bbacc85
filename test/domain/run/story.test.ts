import { expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { controller } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  evidenceOf,
  given,
  handedOver,
  merged,
  requested,
  reviewed,
  story,
} from '../../support/given.ts'

test('a request is acknowledged, and what is known is collected before anything is planned', () => {
  given()
    .when(requested())
    .decides('RunRequested', 'EffectsIntended')
    .intends('react', 'card', 'collect-memory')
    .never('draft', 'commit', 'dispatch')
})

test('a draft that passes the gates opens the pull request and is tried in a dry run', () => {
  given(requested())
    .when(allSettled)
    .decides('MemoryPinned', 'DraftTaken', 'PullRequestOpened', 'GrantIssued')
    .intends('open-pull-request', 'dispatch')
    .never('commit', 'ready')
})

test('a claim uses up the Grant and sets the time for the job', () => {
  given(story.asked).when(claimed()).decides('GrantUsed').intends('timer').never('commit', 'dispatch', 'ready')
})

test('the dry run freezes the plan, whose commit is proposed for approval', () => {
  const outcome = given(story.dryRun).when(handedOver(), allSettled)
  outcome
    .decides('PlanFrozen', 'PlanProposed')
    .intends('commit', 'check', 'comment', 'request-review')
    .never('dispatch', 'ready')
  outcome.ends('proposed')
})

test('an approval is checked live, the locks are taken and the execution is dispatched', () => {
  const outcome = given(story.proposed).when(reviewed(), allSettled)
  outcome
    .decides('ApprovalCounted', 'RunApproved', 'LocksTaken', 'GrantIssued')
    .intends('observe', 'dispatch')
    .never('commit', 'ready')
  outcome.ends('executing')
})

test('the delivery is checked live, committed, and only then made ready', () => {
  const outcome = given(story.executing).when(handedOver(), allSettled)
  outcome.decides('DeliveryTaken', 'DeliveryRequested', 'RunDelivered').intends('observe', 'commit', 'ready')
  outcome.ends('delivered')
})

test('a merge is recorded and compared with what was approved', () => {
  const outcome = given(story.delivered).when(merged)
  expect(outcome.data('RunMerged')).toMatchObject({ same: true, traced: true })
  outcome.ends('merged').decides('LocksReleased').never('commit', 'dispatch', 'ready')
})

test('a merge is told on the commit that was delivered', () => {
  const { effects, play } = given(story.delivered).when(merged)
  const head = play.state.delivered?.commit
  const body = { name: 'agentos/review', head, title: 'Merged', conclusion: 'success' }
  expect(effects).toContainEqual(expect.objectContaining({ kind: 'check', body: expect.objectContaining(body) }))
})

test('the evidence of the golden story is valid', async () => {
  const { play } = given().when(story.merged)
  const bytes = new TextEncoder().encode(await evidenceOf(play))
  const verified = verifyEvidence(bytes, { open: openEnvelope, trusted: [controllerKey(controller)] })
  expect(verified).toMatchObject({ valid: true, phase: 'merged', trust: 'pinned', stepReceipts: 4, grants: 2 })
})
