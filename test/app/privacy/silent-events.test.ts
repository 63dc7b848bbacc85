import { expect, test } from 'vitest'
import { heldBy } from '../../../src/app/evidence/named-blobs.ts'
import { MAX_EVENT_BYTES } from '../../../src/domain/run/envelope.ts'
import { aQuestion } from '../../support/a-question.ts'
import { asksModel } from '../../support/asks-model.ts'
import {
  allSettled,
  amended,
  answered,
  claimed,
  ended,
  given,
  handedOver,
  merged,
  type Play,
  requested,
  reviewed,
  statusAsked,
  stopAsked,
  unlockAsked,
  world,
} from '../../support/given.ts'

const SAID = 'wisteria'
const said = (about: string) => `${about} the ${SAID} by the wall`
const words = { login: `ana-${SAID}`, title: said('Prune'), body: `- [ ] ${said('keep')}`, text: said('Prune') }
const asking = world((it) => {
  it.questions = [
    aQuestion({
      text: said('Which of'),
      impact: said('It decides'),
    }),
  ]
})
const tried = [claimed(), handedOver(), allSettled]

const plays: readonly (readonly [string, Play])[] = [
  [
    'is merged after questions, an amendment and a review',
    given(asking, requested({ words }), allSettled, answered({ q1: said('cut') }), allSettled, ...tried).when(
      amended({ text: said('and water') }),
      allSettled,
      ...tried,
      reviewed({ text: said('mind'), login: `lee-${SAID}` }),
      allSettled,
      ...tried,
      merged,
      allSettled,
    ).play,
  ],
  [
    'is closed after objections',
    given(requested({ words }), allSettled, ...tried).when(
      reviewed({ state: 'changes_requested', text: said('not') }),
      allSettled,
      unlockAsked({ text: said('because of') }),
      statusAsked(),
      ended(),
      allSettled,
    ).play,
  ],
  ['asks a model', given(asksModel(), requested({ words })).when(allSettled, stopAsked(), allSettled).play],
]

test.each(plays)('no event of a run that %s says what people wrote, or is too long', (_, { events }) => {
  expect(events.length).toBeGreaterThan(10)
  for (const event of events) {
    expect(JSON.stringify(event).includes(SAID), `${event.type}@${event.seq}`).toBe(false)
    expect(JSON.stringify(event).length).toBeLessThan(MAX_EVENT_BYTES)
  }
})

test.each(plays)(
  'every blob of a run that %s can be erased where it says what people wrote',
  (_, { events, shelf }) => {
    const telling = [...shelf.blobs].filter(([, bytes]) => Buffer.from(bytes).includes(SAID))
    expect(telling.length).toBeGreaterThan(3)
    const held = events.flatMap((event) => [...heldBy(event)])
    for (const [sha256] of telling) {
      const as = held.flatMap(([name, holds]) => (name === sha256 ? [holds] : []))
      expect(as.length, sha256).toBeGreaterThan(0)
      expect(as, sha256).not.toContain('record')
    }
  },
)
