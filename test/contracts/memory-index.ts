import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Ledger } from '../../src/app/ledger.ts'
import type { MemoryIndex, MemoryQuery, MemoryRow } from '../../src/app/memory-index.ts'
import { blob, OTHER, recording, redacting } from './ledger-examples.ts'

export type IndexedStore = {
  readonly ledger: Ledger
  readonly memory: MemoryIndex
  readonly close: () => Promise<void>
}

function row(changes: Partial<MemoryRow> = {}): MemoryRow {
  return {
    stream: 'run/aaaaaaaaaa',
    seq: 5,
    hash: 'a'.repeat(64),
    ordinal: 0,
    installation: '31',
    repository: '4711',
    type: 'decision',
    name: 'time-out: how long does a request wait?',
    text: 'How long does a request wait?\n\nThirty seconds.',
    scope: ['src/client.ts'],
    confidence: 90,
    words: null,
    at: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
}

const asked = (text: string, changes: Partial<MemoryQuery> = {}): MemoryQuery => ({
  installation: '31',
  repository: '4711',
  text,
  limit: 10,
  ...changes,
})

/** What every index of memory does, whatever it is kept in. */
export function memoryIndexContract(kept: string, open: () => Promise<IndexedStore>): void {
  describe(`an index of memory kept in ${kept}`, () => {
    let store: IndexedStore
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const found = async (query: MemoryQuery) => (await store.memory.search(query)).map(({ name }) => name)

    it('gives back a row exactly as it was kept, once, however often it is kept', async () => {
      const one = row({ text: 'Ünïcode "quoted" \\ and \u0000', name: 'retry policy' })
      await store.memory.keep([one], 3)
      await store.memory.keep([one, row({ ...one, text: 'another text of the same event' })], 7)
      expect(await store.memory.search(asked('which retry policy?'))).toEqual([one])
      expect(await store.memory.reached()).toBe(7)
    })

    it('covers no less of the log when an older part is kept late', async () => {
      await store.memory.keep([], 9)
      await store.memory.keep([], 4)
      expect(await store.memory.reached()).toBe(9)
    })

    it('finds a row by one shared word, in another form too, and nothing without one', async () => {
      await store.memory.keep([row({ name: 'retries', text: 'Uploads are retried twice.' })], 1)
      expect(await found(asked('make the uploading retry after an error'))).toEqual(['retries'])
      expect(await found(asked('colours of the footer'))).toEqual([])
      expect(await found(asked(''))).toEqual([])
    })

    it('finds a row by the parts of an identifier and by a path', async () => {
      await store.memory.keep(
        [row({ name: 'parser', text: 'parseHttpDate stays strict.', scope: ['lib/dates.js'] })],
        1,
      )
      expect(await found(asked('http dates are refused'))).toEqual(['parser'])
      expect(await found(asked('change lib/dates.js'))).toEqual(['parser'])
    })

    it('finds a name that is misspelt', async () => {
      await store.memory.keep([row({ name: 'authentication', text: 'By token only.' })], 1)
      expect(await found(asked('authentification'))).toEqual(['authentication'])
    })

    it('puts the row first that shares more, and of equals the newest', async () => {
      const old = row({ seq: 1, name: 'cache size', text: 'Keep the cache small.' })
      const newer = row({ ...old, seq: 2, at: '2026-02-01T00:00:00.000Z' })
      const other = row({ seq: 3, name: 'logging', text: 'Log no cache keys.', at: '2026-03-01T00:00:00.000Z' })
      await store.memory.keep([other, old, newer], 1)
      expect((await store.memory.search(asked('size of the cache'))).map(({ seq }) => seq)).toEqual([2, 1, 3])
      expect(await store.memory.search(asked('size of the cache', { limit: 1 }))).toEqual([newer])
    })

    it('shows nothing of another repository or installation', async () => {
      await store.memory.keep([row({ name: 'cache' })], 1)
      expect(await found(asked('cache', { repository: '4712' }))).toEqual([])
      expect(await found(asked('cache', { installation: '32' }))).toEqual([])
      expect(await found(asked('cache'))).toEqual(['cache'])
    })

    it('forgets the copies of erased words, and takes no copy of words that are not there', async () => {
      const words = await store.ledger.putBlob(blob('salted words').bytes)
      await store.memory.keep([row({ name: 'cache', words }), row({ seq: 6, name: 'cache two' })], 1)
      expect(await found(asked('cache'))).toHaveLength(2)
      await store.ledger.append(recording([redacting(OTHER, [words])]))
      expect(await found(asked('cache'))).toEqual(['cache two'])
      await store.memory.keep([row({ seq: 8, name: 'cache three', words: blob('never stored').sha256 })], 2)
      expect(await found(asked('cache'))).toEqual(['cache two'])
    })

    it('takes any text to look for as words, never as a query', async () => {
      await store.memory.keep([row({ name: 'cache' })], 1)
      for (const text of [`cache' | "x`, 'cache & !cache', ':* cache:*', '\\ cache', 'cache \u0000', '<-> (cache']) {
        expect(await found(asked(text)), text).toEqual(['cache'])
      }
    })

    it('is empty after it was cleared, and is made from the beginning', async () => {
      await store.memory.keep([row({ name: 'cache' })], 5)
      await store.memory.clear()
      expect(await found(asked('cache'))).toEqual([])
      expect(await store.memory.reached()).toBe(0)
    })
  })
}
