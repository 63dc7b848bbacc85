import { expect, test } from 'vitest'
import type { Ledger } from '../../../src/app/ledger.ts'
import { watchReplay } from '../../../src/app/redecide/replay-rounds.ts'
import { plus } from '../../../src/domain/clock.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { LogReplayed, PASS_MS, REPLAY_STREAM } from '../../../src/domain/replay-stream.ts'
import { OTHER_RUN, RUN } from '../../support/builders.ts'
import { allSettled, inOrder, newPlay, type Play, type Scene, stopAsked, story } from '../../support/given.ts'
import { recordedPlays, recordPlay } from '../../support/recorded-plays.ts'
import { rechained } from '../evidence/rechain.ts'

const NOW = '2026-04-01T00:00:00.000Z'

function played(run: string, ...scenes: readonly Scene[]): Play {
  const play = newPlay(run)
  inOrder(...scenes)(play)
  return play
}

const merged = played(RUN, story.merged)
const stopped = played(OTHER_RUN, story.approved, allSettled, stopAsked(), allSettled)
const broken = {
  ...merged,
  events: rechained(merged.events, ({ type, data }) => (type === 'ApprovalCounted' ? { ...data, have: 7 } : data)),
}

function server(ledger: Ledger) {
  const clock = { at: NOW }
  const said: (readonly [string, string, object])[] = []
  const watch = () =>
    watchReplay({
      ledger,
      clock: { now: () => clock.at },
      log: (...line) => said.push(line),
      engine: sha256Hex('engine'),
    })
  const rounds = async () => (await ledger.read(REPLAY_STREAM)).map(({ data }) => LogReplayed.parse(data))
  return { clock, said, watch, rounds }
}

test('each part of the log is decided again once, and nothing is recorded where nothing was written', async () => {
  const ledger = await recordedPlays([merged])
  const { watch, rounds, said } = server(ledger)
  const first = watch()
  expect([await first.round(), await first.round()]).toEqual(['replayed', 'idle'])
  const head = (await rounds())[0]?.next ?? 0
  await recordPlay(ledger, stopped)
  expect([await first.round(), await first.round()]).toEqual(['replayed', 'idle'])
  expect(await rounds()).toMatchObject([
    { pass: 1, from: 1, divergences: 0 },
    { pass: 1, from: head, divergences: 0 },
  ])
  expect(said).toEqual([])
})

test('a long log takes several rounds, each of which ends soon', async () => {
  const runs = Array.from({ length: 24 }, (_, i) => `${String(i).padStart(2, '0')}aaaaaaaa`)
  const { watch, rounds } = server(await recordedPlays(runs.map((run) => played(run, story.merged))))
  const server1 = watch()
  while ((await server1.round()) === 'replayed') expect((await rounds()).length).toBeLessThan(9)
  const parts = await rounds()
  expect(parts.length).toBeGreaterThan(1)
  for (const { from, next } of parts) expect(next - from).toBeLessThan(3000)
})

test('another server, or the same after a restart, goes on where the record ends', async () => {
  const { watch, rounds } = server(await recordedPlays([merged]))
  await watch().round()
  expect(await watch().round()).toBe('idle')
  expect(await rounds()).toHaveLength(1)
})

test('of two servers at one time one records the round', async () => {
  const { watch, rounds } = server(await recordedPlays([merged]))
  const [one, other] = [watch(), watch()]
  await Promise.all([one.round(), other.round()])
  expect(await rounds()).toHaveLength(1)
  expect([await one.round(), await other.round()]).toEqual(['idle', 'idle'])
})

test('a decision that does not follow is on record, in the log of the server and in what it says of itself', async () => {
  const ledger = await recordedPlays([stopped, broken])
  const { watch, rounds, said } = server(ledger)
  const one = watch()
  await one.round()
  const event = `run/${RUN}@${merged.events.findIndex(({ type }) => type === 'ApprovalCounted') + 1}`
  const named = { event, type: 'ApprovalCounted', field: 'data.have' }
  expect(said).toEqual([['error', 'a recorded decision does not follow from its inputs', named]])
  expect(one.standing().divergences).toBe(1)
  expect(await rounds()).toMatchObject([{ divergences: 1, partings: [{ field: 'data.have' }] }])
  const restarted = watch()
  await restarted.round()
  expect(restarted.standing().divergences).toBe(1)
})

test('after a day the log is gone through anew, and what is there still is told again', async () => {
  const { watch, rounds, clock, said } = server(await recordedPlays([broken]))
  const one = watch()
  await one.round()
  clock.at = plus(NOW, PASS_MS - 1)
  expect(await one.round()).toBe('idle')
  clock.at = plus(NOW, PASS_MS)
  expect(await one.round()).toBe('replayed')
  expect(await rounds()).toMatchObject([{ pass: 1 }, { pass: 2, from: 1, divergences: 1 }])
  expect(one.standing().divergences).toBe(1)
  expect(said).toHaveLength(2)
})
