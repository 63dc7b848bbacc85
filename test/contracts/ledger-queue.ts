import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppendRefused, type EffectProjector } from '../../src/app/ledger.ts'
import {
  at,
  comment,
  delivery,
  given,
  isOpen,
  OTHER,
  observed,
  RUN,
  recording,
  type Store,
  settled,
} from './ledger-examples.ts'

const LEASE = 30_000
const NEVER = 10 * 60_000

/** What every effect queue and inbox does, whatever it is kept in. */
export function queueContract(kept: string, open: () => Promise<Store>): void {
  describe(`the effects of a ledger kept in ${kept}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('are listed in order with what became of them', async () => {
      const { effects, keys } = await given(store, RUN, [null, at(60)])
      await store.queue.take('w', at(0), LEASE)
      await store.queue.attempt(keys[0] ?? '', 'w', at(0))
      expect(await store.queue.list(RUN)).toEqual([
        { ...effects[0], status: 'attempted', attempts: 1, readyAt: at(0), reason: null },
        { ...effects[1], status: 'due', attempts: 0, readyAt: at(60), reason: null },
      ])
    })

    it('are taken one at a time within a stream, in order, each after the one before is settled', async () => {
      const { keys } = await given(
        store,
        RUN,
        Array.from({ length: 11 }, () => null),
      )
      const order: string[] = []
      for (const _ of keys) {
        const taken = await store.queue.take('w', at(0), LEASE)
        expect(await store.queue.take('v', at(0), LEASE)).toBeUndefined()
        order.push(taken?.key ?? 'none')
        await settled(store, RUN, taken?.key ?? '')
        await store.queue.release(RUN, 'w')
      }
      expect(order).toEqual(keys)
      expect(await store.queue.take('w', at(0), LEASE)).toBeUndefined()
    })

    it('wait for the one before even when the stream is released', async () => {
      const { keys } = await given(store, RUN, [null, null])
      await store.queue.take('w', at(0), LEASE)
      await store.queue.attempt(keys[0] ?? '', 'w', at(0))
      await store.queue.release(RUN, 'w')
      expect((await store.queue.take('w', at(1), LEASE))?.key).toBe(keys[0])
    })

    it('of different streams are in flight at once', async () => {
      await given(store, RUN, [null])
      await given(store, OTHER, [null])
      const taken = [await store.queue.take('w', at(0), LEASE), await store.queue.take('v', at(0), LEASE)]
      expect(new Set(taken.map((effect) => effect?.stream))).toEqual(new Set([RUN, OTHER]))
    })

    it('go to one worker each when many take at the same moment', async () => {
      const streams = Array.from({ length: 8 }, (_, i) => `run/cccccccc0${i}`)
      for (const stream of streams) await given(store, stream, [null])
      const workers = Array.from({ length: 16 }, (_, i) => store.queue.take(`w${i}`, at(0), LEASE))
      const taken = (await Promise.all(workers)).flatMap((effect) => effect?.stream ?? [])
      expect(taken.sort()).toEqual(streams)
    })

    it('are taken again with the attempt counted when the lease of an attempted one has run out', async () => {
      const { keys } = await given(store, RUN, [null, null])
      expect((await store.queue.take('w', at(0), LEASE))?.attempts).toBe(0)
      await store.queue.attempt(keys[0] ?? '', 'w', at(1))
      expect(await store.queue.take('v', at(29), LEASE)).toBeUndefined()
      expect(await store.queue.take('v', at(30), LEASE)).toMatchObject({ key: keys[0], attempts: 1 })
    })

    it('are not attempted by a worker that lost its lease', async () => {
      const { keys } = await given(store, RUN, [null])
      const key = keys[0] ?? ''
      await store.queue.take('slow', at(0), LEASE)
      expect(await store.queue.attempt(key, 'slow', at(30))).toBe(false)
      await store.queue.take('quick', at(31), LEASE)
      expect(await store.queue.attempt(key, 'slow', at(32))).toBe(false)
      expect(await store.queue.renew(RUN, 'slow', at(99))).toBe(false)
      await store.queue.release(RUN, 'slow')
      expect(await store.queue.attempt(key, 'quick', at(32))).toBe(true)
    })

    it('stay with a worker that renews its lease', async () => {
      await given(store, RUN, [null])
      await store.queue.take('w', at(0), LEASE)
      expect(await store.queue.renew(RUN, 'w', at(90))).toBe(true)
      expect(await store.queue.take('v', at(60), LEASE)).toBeUndefined()
      expect(await store.queue.take('v', at(90), LEASE)).toBeDefined()
    })

    it('are not attempted once they are closed', async () => {
      const { keys } = await given(store, RUN, [null])
      const key = keys[0] ?? ''
      await store.queue.take('w', at(0), LEASE)
      await settled(store, RUN, key)
      expect(await store.queue.attempt(key, 'w', at(0))).toBe(false)
      expect(await store.queue.retryAt(key, at(5), 'again')).toBe(false)
    })

    it('that are put off hold up those behind them until their time', async () => {
      const { keys } = await given(store, RUN, [null, null])
      const key = keys[0] ?? ''
      await store.queue.take('w', at(0), LEASE)
      await store.queue.attempt(key, 'w', at(0))
      expect(await store.queue.retryAt(key, at(10), 'rate limit')).toBe(true)
      await store.queue.release(RUN, 'w')
      expect(await store.queue.take('w', at(9), LEASE)).toBeUndefined()
      expect(await store.queue.nextDue()).toBe(at(10))
      expect(await store.queue.take('w', at(10), LEASE)).toMatchObject({ key, attempts: 1 })
      expect((await store.queue.list(RUN))[0]?.reason).toBe('rate limit')
    })

    it('with a time neither hold up the others nor wait for them', async () => {
      const { keys } = await given(store, RUN, [at(60), null, at(5)])
      expect((await store.queue.take('w', at(0), LEASE))?.key).toBe(keys[1])
      await store.queue.retryAt(keys[1] ?? '', at(100), 'not now')
      await store.queue.release(RUN, 'w')
      expect(await store.queue.take('w', at(4), LEASE)).toBeUndefined()
      expect((await store.queue.take('w', at(5), LEASE))?.key).toBe(keys[2])
    })

    it('are next due when their time has come and their stream is free', async () => {
      expect(await store.queue.nextDue()).toBeUndefined()
      await given(store, RUN, [at(60)])
      expect(await store.queue.nextDue()).toBe(at(60))
      await given(store, OTHER, [null])
      expect(await store.queue.nextDue()).toBe(at(0))
      await store.queue.take('w', at(0), LEASE)
      expect(await store.queue.nextDue()).toBe(at(30))
    })

    it('are settled in the same transaction as the events that tell their outcome, and once', async () => {
      const { event, keys } = await given(store, RUN, [null])
      const key = keys[0] ?? ''
      const stale = recording([observed(RUN)], { settles: key })
      expect((await store.ledger.append(stale)).is).toBe('moved')
      expect((await store.queue.list(RUN))[0]?.status).toBe('due')
      const receipt = observed(RUN, event)
      expect((await store.ledger.append(recording([receipt], { settles: key }))).is).toBe('appended')
      expect((await store.queue.list(RUN))[0]?.status).toBe('done')
      const second = recording([observed(RUN, receipt)], { settles: key })
      expect(await store.ledger.append(second)).toEqual({ is: 'repeated', what: key })
    })

    it('that are cancelled are abandoned, let the next go on, and may still turn out to be done', async () => {
      const { event, keys } = await given(store, RUN, [null, null, null])
      const [first = '', second = '', third = ''] = keys
      const done = observed(RUN, event)
      await store.ledger.append(recording([done], { settles: third }))
      const stop = observed(RUN, done)
      await store.ledger.append(recording([stop], { cancels: [first, third] }))
      expect((await store.queue.list(RUN)).map(({ status }) => status)).toEqual(['abandoned', 'due', 'done'])
      expect((await store.queue.take('w', at(0), LEASE))?.key).toBe(second)
      expect((await store.ledger.append(recording([observed(RUN, stop)], { settles: first }))).is).toBe('appended')
      expect((await store.queue.list(RUN))[0]?.status).toBe('done')
    })

    it('are refused without an event, twice, for a stream that is not expected, or when unknown', async () => {
      const { event, effects } = await given(store, RUN, [null])
      const next = observed(RUN, event)
      const refused = [
        recording([], { expect: [{ stream: RUN, seq: 1 }], effects: [comment(event, 7)] }),
        recording([next], { effects }),
        recording([next], { effects: [comment(next, 1), comment(next, 1)] }),
        recording([next], { effects: [comment(observed(OTHER), 0)] }),
        recording([next], { settles: 'aaaaaaaaaa/7/7' }),
        recording([next], { cancels: ['aaaaaaaaaa/7/7'] }),
      ]
      for (const append of refused) await expect(store.ledger.append(append)).rejects.toThrow(AppendRefused)
      expect(await store.ledger.read(RUN)).toEqual([event])
    })

    it('wake whoever waits for work', async () => {
      const waiting = store.queue.waitForWork(new AbortController().signal, NEVER)
      expect(await isOpen(waiting)).toBe(true)
      await given(store, RUN, [null])
      await waiting
      expect(await store.queue.take('w', at(0), LEASE)).toBeDefined()
    })

    it('wake whoever waits when the one before them lets go of their stream', async () => {
      await given(store, RUN, [null, null])
      const taken = await store.queue.take('w', at(0), LEASE)
      await settled(store, RUN, taken?.key ?? '')
      await store.queue.waitForWork(new AbortController().signal, 1)
      const waiting = store.queue.waitForWork(new AbortController().signal, NEVER)
      await store.queue.release(RUN, 'w')
      await waiting
      expect(await store.queue.take('v', at(0), LEASE)).toBeDefined()
    })

    it('are not missed when they come just before the wait', async () => {
      await given(store, RUN, [null])
      await store.queue.waitForWork(new AbortController().signal, NEVER)
    })

    it('are swept for after a while, and not waited for once aborted', async () => {
      await store.queue.waitForWork(new AbortController().signal, 1)
      const stop = new AbortController()
      const waiting = store.queue.waitForWork(stop.signal, NEVER)
      stop.abort()
      await waiting
      await store.queue.waitForWork(stop.signal, NEVER)
    })

    it('are made again from the log, open ones counting as attempted', async () => {
      const { event, effects, keys } = await given(store, RUN, [null, null, at(60)])
      await settled(store, RUN, keys[0] ?? '')
      const project: EffectProjector = (_, events) =>
        effects.map((effect, i) => ({ ...effect, status: i === 0 && events.length > event.seq ? 'done' : 'due' }))
      const before = await store.queue.list(RUN)
      await store.projections.drop()
      expect(await store.queue.list(RUN)).toEqual([])
      expect(await store.projections.rebuild(project)).toBe(3)
      const again = await store.queue.list(RUN)
      expect(again.map(({ status, attempts }) => [status, attempts])).toEqual([
        ['done', 0],
        ['attempted', 1],
        ['attempted', 1],
      ])
      expect(again.map(({ readyAt, key }) => [readyAt, key])).toEqual(before.map(({ readyAt, key }) => [readyAt, key]))
    })
  })

  describe(`the inbox of a ledger kept in ${kept}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('gives a delivery back as it came', async () => {
      const came = delivery('d1', { payload: new Uint8Array([0, 255, 0]) })
      expect(await store.inbox.receive(came)).toBe('new')
      expect(await store.inbox.next('w', at(0), LEASE)).toEqual({ ...came, takes: 1 })
    })

    it('takes the same delivery once, by its id and by its meaning, even when it is handled', async () => {
      await store.inbox.receive(delivery('d1'))
      expect(await store.inbox.receive(delivery('d1', { semanticKey: 'another' }))).toBe('duplicate')
      expect(await store.inbox.receive(delivery('d2', { semanticKey: 'comment/d1' }))).toBe('duplicate')
      await store.inbox.handled('d1')
      expect(await store.inbox.receive(delivery('d1'))).toBe('duplicate')
      expect(await store.inbox.next('w', at(0), LEASE)).toBeUndefined()
    })

    it('takes one of many equal deliveries that come at the same moment', async () => {
      const same = Array.from({ length: 10 }, (_, i) => store.inbox.receive(delivery(`d${i}`, { semanticKey: 'same' })))
      expect((await Promise.all(same)).filter((answer) => answer === 'new')).toHaveLength(1)
    })

    it('hands out the deliveries of a repository in order, one at a time, and of several at once', async () => {
      for (const id of ['a1', 'a2']) await store.inbox.receive(delivery(id, { repository: '1' }))
      await store.inbox.receive(delivery('b1', { repository: '2' }))
      await store.inbox.receive(delivery('n1', { repository: null }))
      await store.inbox.receive(delivery('n2', { repository: null }))
      const taken: (string | undefined)[] = []
      for (let i = 0; i < 4; i += 1) taken.push((await store.inbox.next('w', at(0), LEASE))?.deliveryId)
      expect(taken).toEqual(['a1', 'b1', 'n1', undefined])
      await store.inbox.handled('a1')
      expect((await store.inbox.next('w', at(0), LEASE))?.deliveryId).toBe('a2')
    })

    it('hands a delivery out again when its lease has run out', async () => {
      await store.inbox.receive(delivery('d1'))
      await store.inbox.next('w', at(0), LEASE)
      expect(await store.inbox.next('v', at(29), LEASE)).toBeUndefined()
      expect(await store.inbox.next('v', at(30), LEASE)).toMatchObject({ deliveryId: 'd1', takes: 2 })
    })

    it('gives each delivery to one of many takers', async () => {
      for (let i = 0; i < 6; i += 1) await store.inbox.receive(delivery(`d${i}`, { repository: `${i + 1}` }))
      const takers = Array.from({ length: 12 }, (_, i) => store.inbox.next(`w${i}`, at(0), LEASE))
      const taken = (await Promise.all(takers)).flatMap((next) => next?.deliveryId ?? [])
      expect(taken.sort()).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5'])
    })

    it('wakes whoever waits for a delivery, and nobody who waits for effects', async () => {
      const waiting = store.inbox.waitForNext(new AbortController().signal, NEVER)
      const stop = new AbortController()
      const atEffects = store.queue.waitForWork(stop.signal, NEVER)
      await store.inbox.receive(delivery('d1'))
      await waiting
      expect(await isOpen(atEffects)).toBe(true)
      stop.abort()
    })
  })
}
