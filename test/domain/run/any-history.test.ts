import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { replay } from '../../../src/app/replay.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import type { RunDecision } from '../../../src/domain/run/events.ts'
import { aQuestion } from '../../support/a-question.ts'
import { asksModel, modelAnswers, modelFails } from '../../support/asks-model.ts'
import { ana, bot, lee, mia, OTHER_RUN, reader, shippedLanes, stranger } from '../../support/builders.ts'
import {
  allSettled,
  amended,
  answered,
  claimed,
  ended,
  fired,
  freed,
  handedOver,
  inLine,
  inOrder,
  later,
  lockedBy,
  newPlay,
  type Play,
  pushed,
  requested,
  reviewed,
  reviewRead,
  type Scene,
  settled,
  statusAsked,
  stopAsked,
  story,
  tampered,
  toldOfFreedom,
  unlockAsked,
  world,
} from '../../support/given.ts'

const ifThere =
  (scene: Scene, is: (play: Play) => boolean): Scene =>
  (play) => {
    if (is(play)) scene(play)
  }
const hasOpen = ({ open }: Play) => open.some(({ effect }) => effect.kind !== 'timer')
const hasTimer = (name: string) => (play: Play) =>
  play.open.some(({ effect }) => effect.kind === 'timer' && effect.body.name === name)
const hasGrant = ({ state }: Play) => state.grants.length > 0
const timer = (name: Parameters<typeof fired>[0]) => ifThere(fired(name), hasTimer(name))

/** What may happen at any time, good and bad; the good things weigh more, so that histories come far. */
const scenes: readonly (readonly [number, string, Scene])[] = [
  [14, 'all effects', allSettled],
  [6, 'one effect', ifThere(settled(), hasOpen)],
  [1, 'an effect given up', ifThere(settled(undefined, 'given up'), hasOpen)],
  [8, 'claim', ifThere(claimed(), hasGrant)],
  [1, 'claim of another key', ifThere(claimed({ runnerKey: stranger.publicKey }), hasGrant)],
  [1, 'faulty claim', ifThere(claimed({ fault: 'no' }), hasGrant)],
  [9, 'delivery', ifThere(handedOver(), hasGrant)],
  [1, 'first Grant’s delivery', ifThere(handedOver({ grant: '0a1b2c3d4e-1' }), hasGrant)],
  [1, 'failed delivery', ifThere(handedOver({ failing: { step: 'tests', because: 'red' } }), hasGrant)],
  [1, 'short delivery', ifThere(handedOver({ receipts: (all) => all.slice(1) }), hasGrant)],
  [1, 'unreproduced delivery', ifThere(handedOver({ reproduced: false }), hasGrant)],
  [8, 'approval', reviewed()],
  [2, 'approval of another', reviewed({ author: mia, login: 'mia' })],
  [1, 'approval of the requester', reviewed({ author: ana, login: 'ana' })],
  [1, 'approval of a bot', reviewed({ author: bot })],
  [1, 'objection', reviewed({ state: 'changes_requested' })],
  [1, 'dismissal', reviewed({ state: 'dismissed' })],
  [1, 'old approval', reviewed({ commit: sha1Hex('old') })],
  [2, 'answer', answered({ q1: 'x' })],
  [3, 'amendment', amended()],
  [1, 'amendment with a review', (play) => amended({ review: reviewRead(play) })(play)],
  [1, 'amendment of a reader', amended({ author: reader })],
  [1, 'answer of a reader', answered({ q1: 'x' }, { author: reader })],
  [1, 'stop', stopAsked()],
  [1, 'stop of a reader', stopAsked(reader)],
  [1, 'status', statusAsked(lee)],
  [1, 'push', pushed()],
  [1, 'push of our own', (play) => pushed(play.state.heads.at(-1) ?? null)(play)],
  [1, 'close', ended()],
  [
    2,
    'merge',
    (play) =>
      ended({
        commit: sha1Hex('m'),
        message: play.shelf.document({ v: 1, message: 'm' }),
        diffSha256: play.state.delivered?.diffSha256 ?? null,
      })(play),
  ],
  [1, 'tampering', tampered()],
  [1, 'time', later(3_600_000)],
  [1, 'answers are due', timer('answers')],
  [1, 'approval is due', timer('approval')],
  [2, 'claim is due', timer('claim')],
  [2, 'job is due', timer('job')],
  [2, 'lock is due', timer('lock')],
  [1, 'lease is due', timer('lease')],
  [1, 'another run locks', lockedBy(OTHER_RUN, ['path:src'])],
  [1, 'another run unlocks', freed(OTHER_RUN)],
  [1, 'base moves', world((it) => void (it.observe = { baseHead: sha1Hex('b'), changedOnBase: ['src/index.js'] }))],
  [2, 'the planner asks a model', asksModel(2)],
  [1, 'the model is busy', modelFails('busy', 1000)],
  [1, 'a call is lost', modelFails('lost')],
  [1, 'the quota is used up', modelFails('quota')],
  [2, 'the model answers', modelAnswers],
  [2, 'the model is due', timer('model')],
  [1, 'unlock', unlockAsked()],
  [1, 'unlock by a writer', unlockAsked({ author: ana })],
  [1, 'another run is first in line', inLine(OTHER_RUN, ['path:src'])],
  [1, 'the lock is free', toldOfFreedom()],
  [1, 'the lock was unlocked', toldOfFreedom('it hung')],
  [1, 'nothing special any more', world((it) => void (it.observe = {}))],
]

const questions = world((it) => {
  it.questions = [aQuestion()]
})

const asking: Scene = (play) => {
  questions(play)
  requested()(play)
}

const light = world((it) => void (it.policy = { lanes: shippedLanes }))

/** Where a history begins: histories from the request alone seldom come far. */
const beginnings = [
  requested(),
  asking,
  story.asked,
  story.dryRun,
  story.proposed,
  story.approved,
  story.executing,
  story.delivering,
  story.delivered,
  inOrder(light, story.proposed),
  inOrder(light, story.approved),
]

const histories = fc.record({
  begin: fc.constantFrom(...beginnings),
  steps: fc.array(
    fc.oneof(...scenes.map(([weight, name, scene]) => ({ weight, arbitrary: fc.constant({ name, scene }) }))),
    { minLength: 3, maxLength: 16 },
  ),
})

const ENDS: ReadonlySet<string> = new Set(['RunClosed', 'RunRefused', 'RunFailed', 'RunCancelled', 'RunExpired'])

test('no history makes the core throw, commit twice, execute unapproved, end twice, or decide otherwise when decided again', () => {
  const reached = new Map<string, number>()
  fc.assert(
    fc.property(histories, ({ begin, steps }) => {
      const play = newPlay()
      begin(play)
      for (const { scene } of steps) scene(play)
      reached.set(play.state.phase, (reached.get(play.state.phase) ?? 0) + 1)
      keepsItsPromises(play)
    }),
    { seed: 20_260_301, numRuns: 70 },
  )
  expect([...reached.keys()]).toEqual(expect.arrayContaining(['delivered', 'failed', 'refused']))
}, 240_000)

function keepsItsPromises(play: Play): void {
  const effects = play.transitions.flatMap((step) => step.effects)
  expect(
    effects.filter((effect) => effect.kind === 'commit' && effect.body.purpose === 'delivery').length,
    'delivery commits',
  ).toBeLessThanOrEqual(1)
  const types = play.events.map((event) => event.type)
  expect(types.filter((type) => ENDS.has(type)).length, 'ends').toBeLessThanOrEqual(1)
  expect(types.filter((type) => type === 'RunDelivered').length, 'deliveries').toBeLessThanOrEqual(1)
  let [isDelivered, isApproved] = [false, false]
  for (const step of play.transitions) {
    for (const decision of step.decisions) {
      if (decision.type === 'RunDelivered') isDelivered = true
      if (decision.type === 'RunApproved') isApproved = true
      if (decision.type === 'ApprovalVoided' || decision.type === 'IntentAmended' || decision.type === 'RunRebased')
        isApproved = false
      if (isExecution(decision)) expect(isApproved, 'approved before execution').toBe(true)
    }
    if (step.effects.some((effect) => effect.kind === 'ready')) expect(isDelivered, 'delivered before ready').toBe(true)
  }
  expect(replay({ events: play.events, documents: play.shelf.documents })).toMatchObject({ same: true })
}

/** A job may execute the plan, or the dry run stands for it. */
function isExecution(decision: RunDecision): boolean {
  return decision.type === 'DryRunReused' || (decision.type === 'GrantIssued' && decision.data.purpose === 'execute')
}
