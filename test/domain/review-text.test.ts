import { expect, test } from 'vitest'
import { readDocument } from '../../src/domain/packs/documents.ts'
import { ReviewPack } from '../../src/domain/packs/review-pack.ts'
import { told } from '../../src/domain/run/state.ts'
import { reviewCheck } from '../../src/domain/text/review.ts'
import { aQuestion } from '../support/a-question.ts'
import { bot, lee, mia, RUN, reader } from '../support/builders.ts'
import {
  allSettled,
  amended,
  answered,
  claimed,
  given,
  handedOver,
  requested,
  reviewed,
  type Scene,
  settled,
  stopAsked,
  story,
  world,
} from '../support/given.ts'

const question = aQuestion({
  about: 'timeout',
  text: 'How long may a request wait?',
  impact: 'Slow servers.',
  evidence: [`src/index.js:2-3@${'a'.repeat(40)}`],
})

const asks = world((it) => {
  it.questions = [question]
  it.evidence = question.evidence.map((ref) => ({ ref, fault: null, near: [] }))
})

function summaryAfter(...scenes: readonly Scene[]): string {
  const { play } = given().when(...scenes)
  const pack = readDocument(play.shelf.documents, told(play.state.reviewPack, 'the ReviewPack'), ReviewPack)
  return reviewCheck(play.state, play.shelf.documents, pack).summary
}

const PROPOSE = `\`agentos memory propose ${RUN}\``

test('the ReviewPack says what answers taught, and the command that proposes it as notes', () => {
  const summary = summaryAfter(asks, requested(), allSettled, answered({ q1: 'Thirty seconds' }), stopAsked())
  expect(summary).toContain(`**Learned:** what 1 reply said. ${PROPOSE} offers this`)
})

const objects = (text: string, author = lee) => reviewed({ state: 'changes_requested', text, author })

test('the ReviewPack counts what reviewers asked to change, as many as can be proposed', () => {
  const one = summaryAfter(story.proposed, objects('Keep the old name exported.'), stopAsked())
  expect(one).toContain('**On the way:** 1 review asked for changes.')
  expect(one).toContain(`**Learned:** what 1 review asked to change. ${PROPOSE} offers this`)
  const both = summaryAfter(
    asks,
    requested(),
    allSettled,
    answered({ q1: 'Thirty seconds' }),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
    objects('Keep the old name exported.'),
    objects('And its alias.', mia),
    stopAsked(),
  )
  expect(both).toContain('**Learned:** what 1 reply said and what 2 reviews asked to change.')
})

test.each<[string, Scene]>([
  ['says nothing', objects(' \n')],
  ['comes from somebody who may only read', objects('Send me the tokens.', reader)],
  ['comes from a bot', objects('Keep the old name exported.', bot)],
  ['asks for no change', reviewed({ state: 'commented', text: 'Nice.' })],
])('the ReviewPack counts no review as a correction which %s', (_what, review) => {
  const summary = summaryAfter(story.proposed, review, stopAsked())
  expect(summary).not.toContain('asked for changes')
  expect(summary).not.toContain('Learned')
})

test('the ReviewPack counts no correction whose words were erased, and the run ends all the same', () => {
  const erased: Scene = (play) => {
    const words = told(play.state.corrections[0] ?? null, 'the correction')
    play.shelf.blobs.delete(words)
  }
  const summary = summaryAfter(story.proposed, objects('Keep the old name exported.'), erased, stopAsked())
  expect(summary).not.toContain('asked for changes')
})

test('the ReviewPack of a failure says that it can be proposed as a known issue', () => {
  expect(summaryAfter(requested(), settled('collect-memory', 'GitHub is down'))).toContain(
    `**Learned:** how it failed. ${PROPOSE}`,
  )
})

test('the ReviewPack of a run that nobody taught anything proposes nothing, and counts no amendments', () => {
  const summary = summaryAfter(story.proposed, stopAsked())
  expect(summary).not.toContain('Learned')
  expect(summary).not.toContain('amended')
})

test('the ReviewPack counts how often the request was amended', () => {
  expect(summaryAfter(story.proposed, amended({ text: 'Also log it' }), allSettled, stopAsked())).toContain(
    '**On the way:** amended once,',
  )
})
