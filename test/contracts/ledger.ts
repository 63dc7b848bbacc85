import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppendRefused } from '../../src/app/ledger.ts'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { hashOf, type Sha256, sha256Hex } from '../../src/domain/hash.ts'
import { type EventEnvelope, EventTooLarge, faultInChain } from '../../src/domain/run/envelope.ts'
import {
  at,
  blob,
  comment,
  delivery,
  given,
  LOCKS,
  OTHER,
  observed,
  RUN,
  recording,
  redacting,
  type Store,
  settled,
} from './ledger-examples.ts'

/** What every ledger does, whatever it is kept in. */
export function ledgerContract(kept: string, open: () => Promise<Store>): void {
  describe(`a ledger kept in ${kept}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('is empty at first', async () => {
      expect(await store.ledger.read(RUN)).toEqual([])
      expect(await store.ledger.head()).toBeUndefined()
      expect(await store.ledger.log(1, 10)).toEqual([])
      expect(await store.ledger.streams('')).toEqual([])
    })

    it('gives back exactly the events it was given', async () => {
      const first = observed(RUN, undefined, {
        text: 'ü "quoted" \\ \u0000 \u{1f440}',
        list: [1, null, { deep: true }],
      })
      const second = observed(RUN, first)
      expect(await store.ledger.append(recording([first, second]))).toEqual({
        is: 'appended',
        positions: { first: 1, last: 2 },
      })
      expect(await store.ledger.read(RUN)).toEqual([first, second])
      expect(faultInChain(RUN, await store.ledger.read(RUN))).toBeUndefined()
    })

    it('tells what stands behind an event, but not behind one that does not stand there', async () => {
      const { event: one } = await given(store, RUN)
      const { event: two } = await given(store, RUN)
      await given(store, OTHER)
      expect(await store.ledger.readBehind(one)).toEqual([two])
      expect(await store.ledger.readBehind(two)).toEqual([])
      expect(await store.ledger.readBehind(observed(RUN, one, { another: true }))).toBeUndefined()
      expect(await store.ledger.readBehind(observed(RUN, two))).toBeUndefined()
    })

    it('gives every event of all streams the next position', async () => {
      const { event: one } = await given(store, RUN)
      const { event: two } = await given(store, OTHER)
      const { event: three } = await given(store, RUN)
      expect(await store.ledger.log(1, 10)).toEqual([
        { pos: 1, event: one },
        { pos: 2, event: two },
        { pos: 3, event: three },
      ])
      expect(await store.ledger.log(2, 1)).toEqual([{ pos: 2, event: two }])
      expect(await Promise.all([RUN, OTHER, LOCKS].map((stream) => store.ledger.positions(stream)))).toEqual([
        [1, 3],
        [2],
        [],
      ])
      expect(await store.ledger.head()).toEqual({ pos: 3, hash: three.hash })
    })

    it('lists the streams whose names begin with a prefix', async () => {
      for (const stream of [OTHER, LOCKS, RUN]) await given(store, stream)
      expect(await store.ledger.streams('run/')).toEqual([RUN, OTHER])
      expect(await store.ledger.streams('')).toEqual([LOCKS, RUN, OTHER])
      expect(await store.ledger.streams('run/_')).toEqual([])
    })

    describe('appending', () => {
      it('records nothing when a stream has moved', async () => {
        const { event } = await given(store, RUN)
        const late = recording([observed(RUN)], { blobs: [blob('late')] })
        expect(await store.ledger.append(late)).toEqual({ is: 'moved', stream: RUN })
        expect(await store.ledger.read(RUN)).toEqual([event])
        expect(await store.ledger.blob(blob('late').sha256)).toBeUndefined()
      })

      it('records nothing when a stream that it only relies on has moved', async () => {
        await given(store, LOCKS)
        const event = observed(RUN)
        const expectation = [
          { stream: RUN, seq: 0 },
          { stream: LOCKS, seq: 0 },
        ]
        expect(await store.ledger.append(recording([event], { expect: expectation }))).toEqual({
          is: 'moved',
          stream: LOCKS,
        })
        expect(await store.ledger.read(RUN)).toEqual([])
      })

      it('records several streams together or not at all', async () => {
        const { event: lock } = await given(store, LOCKS)
        const run = observed(RUN)
        const stale = recording([run, observed(LOCKS)], { effects: [comment(run, 0)] })
        expect(await store.ledger.append(stale)).toEqual({ is: 'moved', stream: LOCKS })
        expect(await store.queue.list(RUN)).toEqual([])
        const fresh = recording([run, observed(LOCKS, lock)], { effects: [comment(run, 0)] })
        expect(await store.ledger.append(fresh)).toEqual({ is: 'appended', positions: { first: 2, last: 3 } })
        expect((await store.queue.list(RUN)).map(({ status }) => status)).toEqual(['due'])
      })

      it('lets exactly one of many simultaneous writers of the same place win', async () => {
        const rivals = Array.from({ length: 20 }, (_, i) => observed(RUN, undefined, { rival: i }))
        const outcomes = await Promise.all(rivals.map((event) => store.ledger.append(recording([event]))))
        expect(outcomes.filter(({ is }) => is === 'appended')).toHaveLength(1)
        expect(outcomes.filter(({ is }) => is === 'moved')).toHaveLength(19)
        expect(await store.ledger.read(RUN)).toHaveLength(1)
      })

      it('does not let a stale or impossible append spoil those made at the same moment', async () => {
        const good = observed(RUN)
        const after = observed(RUN, good)
        const outcomes = await Promise.allSettled([
          store.ledger.append(recording([good])),
          store.ledger.append(recording([observed(RUN, undefined, { stale: true })])),
          store.ledger.append(recording([observed(OTHER)], { settles: 'bbbbbbbbbb/9/9' })),
          store.ledger.append(recording([after])),
          store.ledger.append(recording([observed(LOCKS)])),
        ])
        expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.is : 'thrown'))).toEqual([
          'appended',
          'moved',
          'thrown',
          'appended',
          'appended',
        ])
        expect((await store.ledger.log(1, 10)).map(({ event }) => event)).toEqual([good, after, observed(LOCKS)])
      })

      it('refuses an event that does not chain on the stream as it is', async () => {
        await given(store, RUN)
        const forged = observed(RUN, observed(RUN, undefined, { another: 'past' }))
        await expect(store.ledger.append(recording([forged]))).rejects.toThrow(AppendRefused)
        expect(await store.ledger.read(RUN)).toHaveLength(1)
      })

      it('refuses a gap, a break and a stream that is not expected', async () => {
        const first = observed(RUN)
        const third = observed(RUN, observed(RUN, first))
        const broken = observed(RUN, observed(RUN, undefined, { another: 'first' }))
        const refused = [recording([first, third]), recording([first, broken]), recording([first], { expect: [] })]
        for (const append of refused) await expect(store.ledger.append(append)).rejects.toThrow(AppendRefused)
        expect(await store.ledger.head()).toBeUndefined()
      })

      it('refuses an event whose hash is not that of its content', async () => {
        const event = { ...observed(RUN), by: 'somebody else' }
        await expect(store.ledger.append(recording([event]))).rejects.toThrow(AppendRefused)
      })

      it('refuses an event that is larger than 16 KiB in bytes, and takes one of just that size', async () => {
        const frame = sizeOf(eventOf(''))
        const fitting = eventOf('x'.repeat(16 * 1024 - frame))
        expect(sizeOf(fitting)).toBe(16 * 1024)
        await expect(store.ledger.append(recording([eventOf('x'.repeat(16 * 1024 - frame + 1))]))).rejects.toThrow(
          EventTooLarge,
        )
        await expect(store.ledger.append(recording([eventOf('ü'.repeat(9 * 1024))]))).rejects.toThrow(EventTooLarge)
        expect((await store.ledger.append(recording([fitting]))).is).toBe('appended')
      })

      it('records no event at all where only a delivery is consumed', async () => {
        await store.inbox.receive(delivery('d1'))
        expect(await store.ledger.append(recording([], { consumes: 'd1' }))).toEqual({
          is: 'appended',
          positions: null,
        })
        expect(await store.inbox.next('w', at(1), 1000)).toBeUndefined()
      })

      it('consumes a delivery once', async () => {
        await store.inbox.receive(delivery('d1'))
        const event = observed(RUN)
        expect((await store.ledger.append(recording([event], { consumes: 'd1' }))).is).toBe('appended')
        const again = recording([observed(RUN, event)], { consumes: 'd1' })
        expect(await store.ledger.append(again)).toEqual({ is: 'repeated', what: 'd1' })
        expect(await store.ledger.read(RUN)).toEqual([event])
      })

      it('refuses to consume a delivery that never came', async () => {
        await expect(store.ledger.append(recording([], { consumes: 'never' }))).rejects.toThrow(AppendRefused)
      })
    })

    describe('blobs', () => {
      it('are found under their hash', async () => {
        const sha256 = await store.ledger.putBlob(new Uint8Array([0, 255, 10]))
        expect(sha256).toBe(sha256Hex(new Uint8Array([0, 255, 10])))
        expect(await store.ledger.blob(sha256)).toEqual(new Uint8Array([0, 255, 10]))
        expect(await store.ledger.putBlob(new Uint8Array([0, 255, 10]))).toBe(sha256)
      })

      it('are recorded with the events that name them, and fetched together', async () => {
        const [one, two, absent] = [blob('one'), blob(''), blob('absent')]
        await store.ledger.append(recording([observed(RUN)], { blobs: [one, two] }))
        const found = await store.ledger.blobs([one.sha256, two.sha256, absent.sha256])
        expect(found).toEqual(
          new Map<Sha256, Uint8Array>([
            [one.sha256, one.bytes],
            [two.sha256, two.bytes],
          ]),
        )
        expect(await store.ledger.blobs([])).toEqual(new Map())
      })

      it('go with the event that says so, in one append, and stay where it is not recorded', async () => {
        const [one, two] = [blob('one'), blob('two')]
        const first = observed(RUN)
        await store.ledger.append(recording([first], { blobs: [one, two] }))
        const late = recording([redacting(RUN, [one.sha256])])
        expect(await store.ledger.append(late)).toEqual({ is: 'moved', stream: RUN })
        expect(await store.ledger.blob(one.sha256)).toEqual(one.bytes)
        const said = redacting(RUN, [one.sha256], first)
        expect((await store.ledger.append(recording([said]))).is).toBe('appended')
        expect(await store.ledger.blob(one.sha256)).toBeUndefined()
        expect(await store.ledger.blob(two.sha256)).toEqual(two.bytes)
        expect(await store.ledger.read(RUN)).toEqual([first, said])
      })

      it('take the words of closed effects of their stream along, and those of no open one', async () => {
        const { event, keys } = await given(store, RUN, [null, null])
        await given(store, OTHER, [null])
        await settled(store, RUN, keys[0] ?? '')
        const [, last] = await store.ledger.read(RUN)
        await store.ledger.append(recording([redacting(RUN, [blob('x').sha256], last ?? event)]))
        expect((await store.queue.list(RUN)).map(({ body, status }) => [status, body])).toEqual([
          ['done', {}],
          ['due', { text: '1' }],
        ])
        expect((await store.queue.list(OTHER)).map(({ body }) => body)).toEqual([{ text: '0' }])
      })

      it('are refused under a name that is not their hash', async () => {
        const wrong = { sha256: blob('other').sha256, bytes: blob('one').bytes }
        await expect(store.ledger.append(recording([observed(RUN)], { blobs: [wrong] }))).rejects.toThrow(AppendRefused)
        expect(await store.ledger.read(RUN)).toEqual([])
      })
    })
  })
}

function eventOf(text: string): EventEnvelope {
  const { hash: _, ...body } = observed(RUN)
  const larger = { ...body, data: { text } }
  return { ...larger, hash: hashOf(larger) }
}

/** Counted as the limit is: without the hash, which is 74 bytes of the text. */
function sizeOf(event: EventEnvelope): number {
  return Buffer.byteLength(canonicalJson(event)) - 74
}
