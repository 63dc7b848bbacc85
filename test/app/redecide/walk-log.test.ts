import { expect, test } from 'vitest'
import type { Ledger } from '../../../src/app/ledger.ts'
import { startAt, type Walked, walkLog } from '../../../src/app/redecide/walk-log.ts'
import type { Core } from '../../../src/app/replay.ts'
import { hashOf, sha256Hex } from '../../../src/domain/hash.ts'
import { transition } from '../../../src/domain/run/coordinator.ts'
import type { EventEnvelope } from '../../../src/domain/run/envelope.ts'
import { OTHER_RUN, RUN } from '../../support/builders.ts'
import {
  allSettled,
  fired,
  inOrder,
  newPlay,
  type Play,
  requested,
  type Scene,
  stopAsked,
  story,
  take,
} from '../../support/given.ts'
import { recordedPlays, recordPlay } from '../../support/recorded-plays.ts'
import { rechained } from '../evidence/rechain.ts'
import { scene } from '../schedules-scene.ts'

const ENGINE = sha256Hex('engine')

function played(run: string, ...scenes: readonly Scene[]): Play {
  const play = newPlay(run)
  inOrder(...scenes)(play)
  return play
}

const merged = played(RUN, story.merged)
const stopped = played(OTHER_RUN, story.approved, allSettled, stopAsked(), allSettled)
const many = ['6a6a6a6a6a', '7b7b7b7b7b', '8c8c8c8c8c', '9d9d9d9d9d'].map((run) => played(run, story.merged))

type Source = Pick<Ledger, 'read' | 'positions' | 'blobs' | 'log'>
type Options = { readonly digest?: string; readonly from?: number; readonly core?: Core }

async function walked(ledger: Source, { digest = ENGINE, from = 1, core }: Options = {}) {
  const pages: Walked[] = []
  const walking = { digest, from, writer: null, ...(core === undefined ? {} : { core }) }
  for await (const page of walkLog(ledger, walking)) pages.push(page)
  return {
    events: pages.reduce((sum, { events }) => sum + events, 0),
    begun: pages.reduce((sum, { begun }) => sum + begun, 0),
    found: pages.flatMap(({ found }) => found),
    next: pages.at(-1)?.next,
  }
}

/** A ledger that tells one of its events otherwise than it was recorded. */
function retold(ledger: Ledger, change: (event: EventEnvelope) => EventEnvelope): Source {
  return {
    ...ledger,
    read: async (...about) => (await ledger.read(...about)).map(change),
    log: async (...about) => (await ledger.log(...about)).map(({ pos, event }) => ({ pos, event: change(event) })),
  }
}

const otherCore: Core = (past, input, documents) => {
  const step = transition(past, input, documents)
  const events = step.events.map((event) =>
    event.type === 'ApprovalCounted' ? { ...event, data: { ...event.data, needed: 2 } } : event,
  )
  return { ...step, events }
}

test('every run, lock and desk of a ledger comes out again, page after page', async () => {
  const ledger = await recordedPlays([merged, stopped, ...many])
  const head = await ledger.head()
  expect(head?.pos).toBeGreaterThan(500)
  expect(await walked(ledger)).toEqual({ events: head?.pos, begun: 6, found: [], next: (head?.pos ?? 0) + 1 })
})

test('a decision that does not follow is named, and so is the next one; what comes after is judged by what is on record', async () => {
  const seq = merged.events.findIndex(({ type }) => type === 'ApprovalCounted') + 1
  const events = rechained(merged.events, ({ type, data }) =>
    type === 'ApprovalCounted' ? { ...data, have: 7 } : type === 'RunMerged' ? { ...data, same: false } : data,
  )
  const { found } = await walked(await recordedPlays([stopped, { ...merged, events }]))
  expect(found.map(({ is, type, field }) => [is, type, field])).toEqual([
    ['divergence', 'ApprovalCounted', 'data.have'],
    ['divergence', 'RunMerged', 'data.same'],
  ])
  expect(found[0]).toMatchObject({ stream: `run/${RUN}`, seq, recorded: expect.stringContaining('"have":7') })
})

test('a rule that reads otherwise is a divergence in runs of this engine, and a change in those of another', async () => {
  const ledger = await recordedPlays([merged, stopped])
  const divergences = await walked(ledger, { core: otherCore })
  expect(divergences.found.map(({ is, field }) => [is, field])).toEqual([
    ['divergence', 'data.needed'],
    ['divergence', 'data.needed'],
  ])
  const changes = await walked(ledger, { core: otherCore, digest: sha256Hex('another engine') })
  expect(changes.found.map(({ is }) => is)).toEqual(['change', 'change'])
})

test('an effect that comes out otherwise is named by its member', async () => {
  const { found } = await walked(await recordedPlays([stopped]), {
    core: (past, input, documents) => {
      const step = transition(past, input, documents)
      const events = step.events.filter(({ type }) => type !== 'EffectsIntended' || input.type !== 'StopAsked')
      return { ...step, events }
    },
  })
  expect(found).toMatchObject([{ type: 'EffectsIntended', field: 'type', now: 'nothing' }])
})

test.each(['LocksTaken', 'LocksReleased', 'RunBound'])(
  'a %s that the run’s decision does not mean is named',
  async (type) => {
    const ledger = retold(await recordedPlays([merged]), (event) =>
      event.type === type && !event.stream.startsWith('run/')
        ? { ...event, data: { ...event.data, run: OTHER_RUN } }
        : event,
    )
    const { found } = await walked(ledger)
    expect(found[0]).toMatchObject({ is: 'divergence', type, field: 'data.run' })
    expect(found[0]?.stream).toMatch(/^(?:locks|desk)\/10$/)
  },
)

test('what rests on an erased document is undecided, and what rests on a lost one is a divergence', async () => {
  const words = (play: Play) => play.state.approvals[0]?.words ?? ''
  const erased: Scene = (play) => {
    const blob = { sha256: words(play), bytes: play.shelf.blobs.get(words(play))?.length ?? 0, holds: 'text' as const }
    const data = { blobs: [blob], why: { is: 'retention' as const, days: 30 }, receipt: sha256Hex('a receipt') }
    take(play, { type: 'BlobRedacted', by: 'agentos', at: play.now, data })
  }
  const { found } = await walked(await recordedPlays([played(RUN, story.merged, erased)]))
  expect(found.length).toBeGreaterThan(0)
  expect(new Set(found.map(({ is }) => is))).toEqual(new Set(['undecided']))

  const lost = played(RUN, story.merged)
  lost.shelf.blobs.delete(words(lost))
  expect((await walked(await recordedPlays([lost]))).found[0]).toMatchObject({
    is: 'divergence',
    type: 'ReviewSeen',
    now: expect.stringContaining('is not there'),
  })
})

test('a walk that begins in the middle finds the same as one from the beginning', async () => {
  const ledger = await recordedPlays([merged, stopped])
  const inputs = (await ledger.log(1, 1000)).filter(({ event }) => event.kind === 'input')
  for (const { pos } of inputs.filter((_, i) => i % 9 === 4))
    expect((await walked(ledger, { from: pos })).found).toEqual([])
  const late = inputs.find(({ event }) => event.type === 'GrantClaimed')?.pos ?? 0
  expect((await walked(ledger, { from: late, core: otherCore })).found.length).toBeGreaterThan(0)
})

test('a decision without an input, and an event that this engine does not know, are named', async () => {
  const orphan = await walked(await recordedPlays([merged]), { from: 2 })
  expect(orphan.found[0]).toMatchObject({ field: 'kind', seq: 2 })
  const unknown = retold(await recordedPlays([merged]), (event) =>
    event.seq === 2 && event.stream.startsWith('run/') ? { ...event, type: 'RunDreamt' } : event,
  )
  const { found } = await walked(unknown, { digest: sha256Hex('another engine') })
  expect(found[0]).toMatchObject({ is: 'divergence', pos: 1, now: 'UnknownEvent: RunDreamt v1' })
})

test('a time to begin at is a position of the log; nothing is that late where there is none', async () => {
  const ledger = await recordedPlays([merged])
  const timed = played(OTHER_RUN, requested(), allSettled, fired('claim'))
  await recordPlay(ledger, timed)
  const start = await startAt(ledger, timed.now)
  expect(start).toMatchObject({ writer: ENGINE })
  expect((await ledger.log(start?.from ?? 0, 1))[0]?.event).toMatchObject({ type: 'TimerFired', at: timed.now })
  expect(await startAt(ledger, null)).toEqual({ from: 1, writer: null })
  expect(await startAt(ledger, '2030-01-01T00:00:00.000Z')).toBeNull()
})

test('what a schedule decided comes out again, and is named where it does not', async () => {
  const it = await scene()
  await it.see()
  for (const at of ['2026-03-01T12:00:00.000Z', '2026-03-02T03:00:00.000Z']) await it.lookAt(at)
  const digest = hashOf('engine')
  expect((await walked(it.store.ledger, { digest })).found).toEqual([])
  const skipped = retold(it.store.ledger, (event) =>
    event.type === 'DueDecided' ? { ...event, data: { ...event.data, decision: 'skip' } } : event,
  )
  expect((await walked(skipped, { digest })).found).toMatchObject([{ type: 'DueDecided', field: 'data.decision' }])
})
