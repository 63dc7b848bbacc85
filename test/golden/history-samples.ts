import { sha1Hex } from '../../src/domain/hash.ts'
import type { EventEnvelope } from '../../src/domain/run/envelope.ts'
import type { RunState } from '../../src/domain/run/state.ts'
import { aQuestion } from '../support/a-question.ts'
import { asksModel } from '../support/asks-model.ts'
import { mia, OTHER_RUN, shippedLanes } from '../support/builders.ts'
import {
  allSettled,
  amended,
  answered,
  claimed,
  fired,
  given,
  handedOver,
  lockedBy,
  pushed,
  requested,
  reviewed,
  type Scene,
  settled,
  stopAsked,
  story,
  world,
} from '../support/given.ts'
import { rollbackAsked, rollbackMerged } from '../support/rolls-back.ts'

type Sample = { readonly events: readonly EventEnvelope[]; readonly state: RunState }

const asking = world((it) => {
  it.questions = [aQuestion()]
})
const light = world((it) => {
  it.policy = { lanes: { light: shippedLanes.light } }
})
const moved = world((it) => {
  it.observe = { baseHead: sha1Hex('moved'), changedOnBase: ['src/index.js'] }
})
const tried = [claimed(), handedOver(), allSettled]

const scenes: Readonly<Record<string, readonly Scene[]>> = {
  merged: [story.merged],
  'rolled-back': [story.merged, rollbackMerged()],
  'rollback-declined': [story.delivered, rollbackAsked(mia)],
  answered: [asking, requested(), allSettled, answered({ q1: 'x' }), allSettled, ...tried],
  'answers-expired': [asking, requested(), allSettled, fired('answers'), allSettled],
  amended: [story.proposed, amended(), allSettled, ...tried],
  light: [light, requested(), allSettled, ...tried, reviewed(), allSettled],
  rebased: [requested(), allSettled, ...tried, moved, reviewed(), allSettled, ...tried],
  waiting: [story.proposed, lockedBy(OTHER_RUN, ['path:src/index.js']), reviewed(), allSettled],
  stopped: [story.executing, stopAsked(), allSettled],
  'head-moved': [story.approved, pushed(), allSettled],
  'memory-failed': [requested(), settled('collect-memory', 'no'), allSettled],
  'asks-a-model': [asksModel(), requested(), allSettled],
  salted: [asking, requested({ quotes: 'salted' }), allSettled, answered({ q1: 'x' }), allSettled, ...tried, reviewed()],
}

/** A history of every kind, made by the engine as it is now. */
export function histories(): Readonly<Record<string, Sample>> {
  return Object.fromEntries(
    Object.entries(scenes).map(([name, played]) => [name, given().when(...played).play]),
  )
}
