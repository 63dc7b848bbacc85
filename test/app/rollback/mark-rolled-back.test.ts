import { expect, test } from 'vitest'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { journal } from '../../../src/app/journal.ts'
import type { Intended } from '../../../src/app/ports.ts'
import { markRolledBackPerformer } from '../../../src/app/rollback/mark-rolled-back.ts'
import { sha1Hex, sha256Hex } from '../../../src/domain/hash.ts'
import { runStream } from '../../../src/domain/ids.ts'
import { OTHER_RUN, RUN } from '../../support/builders.ts'
import { given, type Scene, story } from '../../support/given.ts'

/** A run as the ledger keeps it, and the effect that marks it as another run's rollback asks. */
async function marking(scene: Scene, { repositoryId = '10', restored = 1, asApproved = true } = {}) {
  const { play } = given().when(scene)
  const store = memoryLedger()
  const blobs = [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes }))
  const expected = [{ stream: runStream(RUN), seq: 0 }]
  await store.ledger.append({ expect: expected, events: play.events, effects: [], blobs })
  const runs = journal(store)
  const repository = {
    id: repositoryId,
    ownerId: '11',
    owner: 'o',
    name: 'r',
    defaultBranch: 'main',
    installation: '12',
  }
  const intended: Intended<'mark-rolled-back'> = {
    key: `${OTHER_RUN}/9/0`,
    stream: runStream(OTHER_RUN),
    run: OTHER_RUN,
    repository,
    body: { run: RUN, by: OTHER_RUN, number: 14, commit: sha1Hex('the rollback'), asApproved, paths: 1, restored },
    event: { seq: 9, hash: sha256Hex('event') },
    attempt: 1,
    documents: () => undefined,
    secret: () => null,
  }
  const perform = markRolledBackPerformer({ journal: runs, clock: { now: () => play.now } })
  return { perform: () => perform(intended), loaded: () => runs.load(RUN) }
}

test('the run that was taken back is marked once, however often the effect is tried', async () => {
  const { perform, loaded } = await marking(story.merged)
  expect((await perform()).result).toEqual({ is: 'marked' })
  const { state, events } = await loaded()
  expect(state.phase).toBe('rolled_back')
  expect((await perform()).result).toEqual({ is: 'marked' })
  expect((await loaded()).events).toHaveLength(events.length)
})

test.each<[string, Scene, string]>([
  ['is not merged', story.delivered, '10'],
  ['belongs to another repository', story.merged, '77'],
])('a run that %s is not marked', async (_, scene, repository) => {
  const { perform, loaded } = await marking(scene, { repositoryId: repository })
  const before = (await loaded()).events.length
  expect((await perform()).result).toEqual({ is: 'not-merged' })
  expect((await loaded()).events).toHaveLength(before)
})

test('a rollback whose paths all keep what was changed later took the change back all the same', async () => {
  const { perform, loaded } = await marking(story.merged, { restored: 0 })
  expect((await perform()).result).toEqual({ is: 'marked' })
  expect((await loaded()).state.end?.because).toContain('0 of 1 paths stand as they did before it')
})

test('a merge that is not the rollback and restored nothing leaves the run merged, and is told once', async () => {
  const { perform, loaded } = await marking(story.merged, { restored: 0, asApproved: false })
  expect((await perform()).result).toEqual({ is: 'not-merged' })
  const { state, events } = await loaded()
  expect(state.phase).toBe('merged')
  expect(JSON.stringify(events.at(-1)?.data)).toContain('restored none of 1 paths')
  await perform()
  expect((await loaded()).events).toHaveLength(events.length)
})
