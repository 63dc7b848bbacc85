import { describe, expect, test } from 'vitest'
import { replay } from '../../../src/app/replay.ts'
import { plus } from '../../../src/domain/clock.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import type { ModelFault } from '../../../src/domain/packs/model-call.ts'
import { ReviewPack } from '../../../src/domain/packs/review-pack.ts'
import { told } from '../../../src/domain/run/state.ts'
import { cardText } from '../../../src/domain/text/card.ts'
import { reviewCheck } from '../../../src/domain/text/review.ts'
import { aQuestion } from '../../support/a-question.ts'
import { asksModel, MODEL, MODEL_HOST, modelAnswers, modelFails } from '../../support/asks-model.ts'
import { shippedPolicy } from '../../support/builders.ts'
import {
  allSettled,
  amended,
  answered,
  claimed,
  evidenceOf,
  fired,
  given,
  handedOver,
  requested,
  type Scene,
  settled,
  stopAsked,
  story,
  until,
  world,
} from '../../support/given.ts'

const PRICE = { host: MODEL_HOST, model: MODEL, inputPerMillion: 1_000_000, outputPerMillion: 4_000_000 }

const asks = world((it) => {
  it.questions = [
    aQuestion({
      about: 'paths',
      text: 'Which files?',
    }),
  ]
})
const policy = (limits: Partial<typeof shippedPolicy.limits>, changes: Partial<typeof shippedPolicy> = {}): Scene =>
  world((it) => {
    it.policy = { ...changes, limits: { ...shippedPolicy.limits, ...limits } }
  })
const asked = (...scenes: readonly Scene[]) => given(...scenes, requested(), until('draft'))

describe('a call of a model', () => {
  test('is reserved on record before it is made, and settled before anything rests on it', () => {
    const reserved = asked(asksModel()).when(settled('draft'))
    reserved.decides('GatesAsked', 'ModelCallReserved').intends('ask-model')
    expect(reserved.data('ModelCallReserved')).toMatchObject({
      turn: 1,
      tries: 1,
      protocol: 'responses',
      costMicroUsd: null,
    })
    const { capability } = reserved.data('ModelCallReserved')
    expect(capability).toBe(`planner:ask-model:${MODEL_HOST}/${MODEL}`)
    const done = given(asksModel(), requested(), until('draft'), settled('draft')).when(settled('ask-model'))
    done.decides('ModelCallSettled').intends('draft')
    expect(done.data('ModelCallSettled')).toMatchObject({ inputTokens: 100, outputTokens: 20, leadsTo: 'draft' })
    const [draft] = done.effects
    expect(draft?.kind === 'draft' && draft.body.transcript).toHaveLength(1)
  })

  test('counts by its price against what the policy allows, rounded up', () => {
    const { play } = asked(policy({ costMicroUsd: 1_000_000 }, { prices: [PRICE] }), asksModel()).when(
      settled('draft'),
      settled('ask-model'),
    )
    expect(play.state.model?.used).toEqual({ calls: 1, inputTokens: 100, outputTokens: 20, costMicroUsd: 180 })
  })

  test('is evidence: every request and answer goes with the run’s record', async () => {
    const { play } = asked(asksModel(2)).when(allSettled)
    const { blobs } = JSON.parse(await evidenceOf(play))
    const held = new Set(blobs.map(({ sha256 }: { readonly sha256: string }) => sha256))
    const named = (play.state.model?.transcript ?? []).flatMap(({ request, answer }) => [request, answer])
    expect(named).toHaveLength(4)
    expect(named.every((sha256) => held.has(sha256))).toBe(true)
  })

  test('is decided again from the record, without any model', () => {
    const { play } = asked(asksModel(3)).when(allSettled)
    expect(play.state.model?.used.calls).toBe(3)
    expect(replay({ events: play.events, documents: play.shelf.documents })).toMatchObject({ same: true })
  })
})

describe('no call is made', () => {
  test('where the policy gives the planner no capability', () => {
    const denied = asked(policy({}, { capabilities: { planner: {} } }), asksModel()).when(settled('draft'))
    denied.never('ask-model').ends('refused', /no capability/)
    expect(denied.play.state.end?.rule).toBe('capability')
  })

  test.each([
    ['at another address', { hosts: ['other.example'], models: ['operator'] }],
    ['of another model', { hosts: ['operator'], models: ['m-2'] }],
  ])('%s than the policy names', (_, named) => {
    asked(policy({}, { capabilities: { planner: { 'ask-model': named } } }), asksModel())
      .when(settled('draft'))
      .never('ask-model')
      .ends('refused', /does not let the planner/)
  })

  test.each([
    ['tokens are left', policy({ tokens: 400 }), /does not fit/],
    ['money is left', policy({ costMicroUsd: 100 }, { prices: [PRICE] }), /does not fit/],
    ['call is left', policy({ modelCalls: 0 }), /allows a run 0/],
    ['price is known where costs are limited', policy({ costMicroUsd: 1_000_000 }), /no price for this model/],
  ])('where no %s', (_, limited, because) => {
    asked(limited, asksModel()).when(settled('draft')).never('ask-model').ends('refused', because)
  })

  test('after as many turns as the policy allows', () => {
    const wandering = asked(policy({ modelTurns: 3 }), asksModel(99)).when(allSettled)
    wandering.ends('refused', /looked around for 3 turns/)
    expect(wandering.play.state.model?.used.calls).toBe(3)
  })

  test('once the calls of all turns have used up the tokens', () => {
    const first = asked(policy({ tokens: 1_000 }), asksModel(99)).when(allSettled)
    first.ends('refused', /does not fit into what is left/)
    expect(first.play.state.model?.used.calls).toBeGreaterThan(1)
  })

  test('with more tokens for its answer than can be paid', () => {
    const limited = asked(policy({ costMicroUsd: 20_000 }, { prices: [PRICE] }), asksModel()).when(settled('draft'))
    const { maxOutputTokens, costMicroUsd } = limited.data('ModelCallReserved')
    expect(maxOutputTokens).toBeLessThan(5_000)
    expect(costMicroUsd).toBeLessThanOrEqual(20_000)
  })
})

describe('a call without an answer', () => {
  const failing = (fault: ModelFault, afterMs = 0) =>
    asked(asksModel(), modelFails(fault, afterMs)).when(settled('draft'), settled('ask-model'))

  test('that may pass is made again after a while, at the earliest when the server says', () => {
    const busy = failing('busy', 60_000)
    busy.decides('ModelCallSettled').intends('timer').never('draft')
    const timer = busy.effects.find((effect) => effect.kind === 'timer')
    expect(timer?.kind === 'timer' && timer.body.at).toBe(plus(busy.play.now, 60_000))
    const { play } = busy
    modelAnswers(play)
    fired('model')(play)
    expect(play.transitions.at(-1)?.decisions.map(({ type }) => type)).toContain('ModelCallReserved')
    settled('ask-model')(play)
    expect(play.state.model?.used).toMatchObject({ calls: 2, inputTokens: 100 })
  })

  test('is made at most four times', () => {
    const { play } = failing('unreachable')
    for (let again = 0; again < 3; again += 1) {
      fired('model')(play)
      settled('ask-model')(play)
    }
    expect(play.state).toMatchObject({ phase: 'failed', end: { rule: 'model' } })
    expect(play.state.end?.because).toBe('it was unreachable, in 4 tries')
  })

  test('costs nothing when the server said no, and everything when nobody knows', () => {
    for (const fault of ['busy', 'unreachable', 'no-endpoint', 'quota', 'declined'] as const)
      expect(failing(fault).data('ModelCallSettled')).toMatchObject({
        inputTokens: 0,
        outputTokens: 0,
        costMicroUsd: 0,
      })
    for (const fault of ['lost', 'unanswered'] as const) {
      const failed = failing(fault)
      const { inputTokens, maxOutputTokens } = failed.data('ModelCallReserved')
      expect(failed.data('ModelCallSettled')).toMatchObject({ inputTokens, outputTokens: maxOutputTokens })
    }
  })

  test('whose outcome was lost is never sent again: another is reserved for it at once', () => {
    const lost = failing('lost')
    lost.decides('ModelCallSettled', 'ModelCallReserved')
    expect(lost.effects.filter(({ kind }) => kind === 'ask-model')).toHaveLength(2)
    expect(lost.play.state.model?.call?.tries).toBe(2)
  })

  test('for want of an endpoint is made once more in the other protocol, and then no more', () => {
    const { play, ...other } = failing('no-endpoint')
    other.intends('ask-model')
    expect(play.state.model?.protocol).toBe('chat')
    settled('ask-model')(play)
    expect(play.state).toMatchObject({ phase: 'failed', end: { rule: 'model' } })
  })

  test('that the performer gave up counts as made, and the run fails', () => {
    const { play } = asked(asksModel()).when(settled('draft'), settled('ask-model', 'no reason'))
    expect(play.state).toMatchObject({ phase: 'failed', end: { rule: 'effect:ask-model' } })
    expect(play.state.model?.used.inputTokens).toBeGreaterThan(0)
  })

  test('leads nowhere when the run was stopped meanwhile', () => {
    const stopped = asked(asksModel()).when(settled('draft'), stopAsked(), settled('ask-model'))
    stopped.ends('cancelled')
    expect(stopped.play.transitions.at(-1)?.effects).toEqual([])
  })
})

describe('a request that is changed while a model is asked', () => {
  const amending = given(asksModel(), requested(), until('draft'), settled('draft'))

  test('is planned anew, and the answer to the old one is paid for and leads nowhere', () => {
    const { play, effects } = amending.when(amended({ text: 'Only in src' }), settled('ask-model'))
    expect(play.state.model?.used).toMatchObject({ calls: 1, inputTokens: 100 })
    expect(effects.filter(({ kind }) => kind === 'draft')).toEqual([])
    const { play: whole } = given(asksModel(), requested(), until('draft'), settled('draft')).when(
      amended({ text: 'Only in src' }),
      allSettled,
    )
    expect(whole.state.model?.transcript).toHaveLength(1)
    expect(whole.state.draft).not.toBeNull()
  })

  test('goes on also where the old call was given up', () => {
    const { play } = given(asksModel(), requested(), until('draft'), settled('draft')).when(
      amended({ text: 'Only in src' }),
      settled('ask-model', 'no reason'),
      allSettled,
    )
    expect(play.state.draft).not.toBeNull()
    expect(play.state.model?.used.calls).toBe(2)
  })
})

describe('a quota that is used up', () => {
  const used = () => asked(asksModel(), modelFails('quota')).when(settled('draft'), settled('ask-model'))

  test('ends the run at once, and its card does not say that a rule refused', () => {
    const { play } = used()
    expect(play.state).toMatchObject({ phase: 'refused', end: { rule: 'model-quota' } })
    const card = cardText(play.state, play.shelf.documents)
    expect(card).toContain('**Not planned**: it was quota')
    expect(card).not.toContain('**Refused**')
  })

  test('shows neutral, not red, where there is a pull request', () => {
    const blocked = given(asks, requested(), allSettled)
    const { play, effects } = blocked.when(asksModel(), modelFails('quota'), answered({ q1: 'src' }), allSettled)
    expect(play.state.end?.rule).toBe('model-quota')
    const check = effects.findLast((effect) => effect.kind === 'check')
    expect(check?.kind === 'check' && [check.body.name, check.body.conclusion, check.body.title]).toEqual([
      'agentos/review',
      'neutral',
      'Not planned',
    ])
  })
})

describe('what asking a model came to', () => {
  test('stands on the card and in the ReviewPack also when the end is a refusal', () => {
    const { play } = asked(policy({ modelTurns: 1 }, { prices: [PRICE] }), asksModel(99)).when(allSettled)
    const line = 'Model `m-1` at `models.example`: 1 call, 100 tokens in, 20 out, 0.00018 USD.'
    expect(cardText(play.state, play.shelf.documents)).toContain(line)
    const pack = readDocument(play.shelf.documents, told(play.state.reviewPack, 'the ReviewPack'), ReviewPack)
    expect(pack.model).toMatchObject({ calls: 1, inputTokens: 100, outputTokens: 20, costMicroUsd: 180 })
    const { text } = reviewCheck(play.state, play.shelf.documents, pack)
    expect(text).toMatch(/\| tokens, 1 call of `m-1` \| \d+ \| 120 \|/)
    expect(text).toMatch(/\| money \| [\d.]+ USD \| 0.00018 USD \|/)
  })

  test('stands in the plan and in the questions', () => {
    const { play } = given(asksModel(), requested(), allSettled).when(claimed(), handedOver(), allSettled)
    const texts = play.transitions.flatMap(({ effects }) => effects).map((effect) => JSON.stringify(effect))
    const check = texts.find((text) => text.includes('"agentos/plan"') && text.includes('action_required'))
    expect(check).toContain('m-1 at models.example')
    const { effects } = given(asksModel(), asks, requested()).when(allSettled)
    const comment = effects.find((effect) => effect.kind === 'comment')
    expect(comment?.kind === 'comment' && comment.body.text).toContain('Model `m-1` at `models.example`: 1 call')
  })
})

test('a story without a model says nothing of one', () => {
  const { play } = given(story.delivered).when()
  expect(cardText(play.state, play.shelf.documents)).not.toContain('Model')
})
