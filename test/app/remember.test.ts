import { describe, expect, it } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { catchUp, rebuildMemory, recallFrom } from '../../src/app/remember.ts'
import { runStream } from '../../src/domain/ids.ts'
import { MemoryItem } from '../../src/domain/packs/memory-pack.ts'
import { told } from '../../src/domain/run/state.ts'
import { RUN } from '../support/builders.ts'
import { newPlay, type Play, reviewed, type Scene, story } from '../support/given.ts'

/** The play of these scenes, as a store keeps it. */
async function recorded(...scenes: readonly Scene[]) {
  const play = newPlay()
  for (const scene of scenes) scene(play)
  const store = memoryLedger()
  await append(store, play, 0)
  return { store, play, repository: told(play.state.request, 'the request').repository }
}

async function append({ ledger }: ReturnType<typeof memoryLedger>, { events, shelf }: Play, from: number) {
  const outcome = await ledger.append({
    expect: [{ stream: runStream(RUN), seq: from }],
    events: events.slice(from),
    effects: [],
    blobs: [...shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
  })
  expect(outcome.is).toBe('appended')
}

const asksForChanges = reviewed({ state: 'changes_requested', text: 'Keep the exported name stable.' })
const about = { text: 'rename what is exported', run: null }

describe('what earlier runs left on record', () => {
  it('is recalled by its words, as items whose source is the event that says it', async () => {
    const { store, play, repository } = await recorded(story.proposed, asksForChanges)
    const items = await recallFrom(store)(repository, about)
    const event = play.events.find(({ type }) => type === 'ReviewSeen')
    expect(items.map((item) => MemoryItem.parse(item))).toEqual(items)
    expect(items).toMatchObject([
      {
        type: 'constraint',
        value: 'Keep the exported name stable.',
        scope: ['src/index.js'],
        source: { is: 'event', stream: runStream(RUN), seq: event?.seq, hash: event?.hash },
      },
    ])
  })

  it('is not recalled by the run itself, nor in another repository or installation', async () => {
    const { store, repository } = await recorded(story.proposed, asksForChanges)
    const recall = recallFrom(store)
    expect(await recall(repository, { ...about, run: RUN })).toEqual([])
    expect(await recall({ ...repository, id: '999' }, about)).toEqual([])
    expect(await recall({ ...repository, installation: '999' }, about)).toEqual([])
    expect(await recall(repository, about)).toHaveLength(1)
  })

  it('is found as soon as it is recorded, and read once', async () => {
    const { store, play, repository } = await recorded(story.proposed)
    expect(await recallFrom(store)(repository, about)).toEqual([])
    const before = play.events.length
    asksForChanges(play)
    await append(store, play, before)
    expect(await catchUp(store)).toBe(1)
    expect(await catchUp(store)).toBe(0)
    expect(await recallFrom(store)(repository, about)).toHaveLength(1)
  })

  it('is made again from the log, the same', async () => {
    const { store, repository } = await recorded(story.merged)
    const query = { installation: repository.installation, repository: repository.id, text: 'fs.rm', limit: 9 }
    await catchUp(store)
    const before = await store.memory.search(query)
    expect(before).toMatchObject([{ type: 'outcome' }])
    await store.memory.clear()
    expect(await store.memory.search(query)).toEqual([])
    expect(await rebuildMemory(store)).toBe(1)
    expect(await store.memory.search(query)).toEqual(before)
  })
})
