import { describe, expect, test } from 'vitest'
import { type Core, replay } from '../../../src/app/replay.ts'
import { transition } from '../../../src/domain/run/coordinator.ts'
import { parseData } from '../../../src/domain/run/events.ts'
import { RUN } from '../../support/builders.ts'
import { given, story } from '../../support/given.ts'
import { rechained } from './rechain.ts'

const { play } = given().when(story.merged)
const record = { events: play.events, documents: play.shelf.documents }

test('every decision, effect and text of a recorded run comes out again, byte for byte', () => {
  expect(replay(record)).toMatchObject({ same: true, events: play.events.length })
})

test('a changed input is named at the first event that comes out differently', () => {
  const at = play.events.findIndex((event) => event.type === 'ReviewSeen')
  const events = rechained(play.events, ({ type, data }) =>
    type === 'ReviewSeen' ? { ...data, state: 'commented' } : data,
  )
  const again = replay({ ...record, events })
  expect(again).toMatchObject({
    same: false,
    at: `run/${RUN}@${at + 2}`,
    now: expect.stringContaining('NothingFollows'),
  })
})

test('one changed line of a rule is named at the first event that it changes', () => {
  const at = play.events.findIndex((event) => event.type === 'ApprovalCounted')
  const again = replay(record, (past, input, documents) => {
    const step = transition(past, input, documents)
    const events = step.events.map((event) =>
      event.type === 'ApprovalCounted' ? { ...event, data: { ...event.data, needed: 2 } } : event,
    )
    return { ...step, events }
  })
  expect(again).toMatchObject({
    same: false,
    at: `run/${RUN}@${at + 1}`,
    recorded: expect.stringContaining('"needed":1'),
    now: expect.stringContaining('"needed":2'),
  })
})

test('other effects are named, with what is on record', () => {
  const at = play.events.findIndex((event) => event.type === 'EffectsIntended')
  const again = replay(record, (past, input, documents) => {
    const step = transition(past, input, documents)
    const events = step.events.map((event) =>
      event.type === 'EffectsIntended' ? { ...event, data: { ...event.data, effects: '0'.repeat(64) } } : event,
    )
    return { ...step, events }
  })
  expect(again).toMatchObject({
    same: false,
    at: `run/${RUN}@${at + 1}`,
    recorded: expect.stringContaining('collect-memory'),
  })
})

describe('what another engine recorded', () => {
  const at = play.events.find((event) => event.type === 'ReviewSeen')?.seq
  const stricter: Core = (past, input, documents) => {
    const step = transition(past, input, documents)
    const events = step.events.map((event) =>
      event.type === 'ApprovalCounted' ? { ...event, data: { ...event.data, needed: 2 } } : event,
    )
    return { ...step, events }
  }
  const own = () => parseData('RequestReceived', play.events[0]?.data).engine.digest

  test('may come out otherwise: it is listed, and all else is decided again where the run really stood', () => {
    const again = replay(record, stricter, () => 'f'.repeat(64))
    expect(again).toMatchObject({ same: true, changed: [`run/${RUN}@${at}`], undecided: [] })
    expect(again).toMatchObject({ state: play.state })
    expect(replay(record, stricter, own).same).toBe(false)
  })

  test('must be readable: an event that cannot be folded is a difference', () => {
    const events = play.events.map((event) => (event.type === 'ApprovalCounted' ? { ...event, type: 'Later' } : event))
    expect(replay({ ...record, events }, transition, () => 'f'.repeat(64))).toMatchObject({
      same: false,
      now: expect.stringContaining('UnknownEvent'),
    })
  })
})

test('a decision left out is named', () => {
  const cut = play.events.slice(0, -1)
  expect(replay({ ...record, events: cut })).toMatchObject({ same: false, recorded: 'nothing' })
})

test('a document that only a decision made is not taken from the record', () => {
  const names = new Set(
    play.events
      .filter((event) => event.kind === 'input')
      .flatMap((event) => JSON.stringify(event.data).match(/[0-9a-f]{64}/g) ?? []),
  )
  const documents = (sha256: string) => (names.has(sha256) ? play.shelf.documents(sha256) : undefined)
  expect(replay({ ...record, documents }).same).toBe(true)
})

test('an engine that throws is a difference and not a crash', () => {
  const again = replay(record, () => {
    throw new RangeError('no such rule')
  })
  expect(again).toMatchObject({ same: false, at: `run/${RUN}@1`, now: 'RangeError: no such rule' })
})
