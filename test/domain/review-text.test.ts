import { expect, test } from 'vitest'
import { readDocument } from '../../src/domain/packs/documents.ts'
import type { Question } from '../../src/domain/packs/question-pack.ts'
import { ReviewPack } from '../../src/domain/packs/review-pack.ts'
import { told } from '../../src/domain/run/state.ts'
import { reviewCheck } from '../../src/domain/text/review.ts'
import { RUN } from '../support/builders.ts'
import {
  allSettled,
  amended,
  answered,
  given,
  requested,
  type Scene,
  settled,
  stopAsked,
  story,
  world,
} from '../support/given.ts'

const question = {
  id: 'q1',
  type: 'blocker',
  about: 'timeout',
  text: 'How long may a request wait?',
  impact: 'Slow servers.',
  answer: 'text',
  choices: [],
  suggestions: [],
  path: null,
  default: null,
  evidence: [`src/index.js:2-3@${'a'.repeat(40)}`],
  who: 'anyone-with-role',
} satisfies Question

const asks = world((it) => {
  it.questions = [question]
  it.evidence = question.evidence.map((ref) => ({ ref, fault: null, near: [] }))
})

function summaryAfter(...scenes: readonly Scene[]): string {
  const { play } = given().when(...scenes)
  const pack = readDocument(play.shelf.documents, told(play.state.reviewPack, 'the ReviewPack'), ReviewPack)
  return reviewCheck(pack).summary
}

const PROPOSE = `\`agentos memory propose ${RUN}\``

test('the ReviewPack says what answers taught, and the command that proposes it as notes', () => {
  const summary = summaryAfter(asks, requested(), allSettled, answered({ q1: 'Thirty seconds' }), stopAsked())
  expect(summary).toContain(`**Learned:** what 1 reply said. ${PROPOSE} offers this`)
})

test('the ReviewPack of a failure says that it can be proposed as a known issue', () => {
  expect(summaryAfter(requested(), settled('collect-memory', 'GitHub is down'))).toContain(
    `**Learned:** how it failed. ${PROPOSE}`,
  )
})

test('the ReviewPack of a run that nobody taught anything proposes nothing, and counts no amendments', () => {
  const summary = summaryAfter(story.proposed, stopAsked())
  expect(summary).not.toContain('Learned')
  expect(summary).not.toContain('amendments')
})

test('the ReviewPack counts how often the request was amended', () => {
  expect(summaryAfter(story.proposed, amended({ text: 'Also log it' }), allSettled, stopAsked())).toContain(
    '| amendments | 1,',
  )
})
