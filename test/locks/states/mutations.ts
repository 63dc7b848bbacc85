import { evolveLocks } from '../../../src/domain/lock.ts'
import type { Kind } from './acts.ts'
import { PRODUCT, type Rules } from './model.ts'
import type { Bounds } from './steps.ts'
import { FOURTH, WISHES, type Wish } from './wishes.ts'

/** A spoiled lock logic, the smallest space in which it shows, and the promise that it breaks. */
export type Mutation = {
  readonly name: string
  readonly wishes: readonly Wish[]
  readonly bounds: Bounds
  readonly rules: Rules
  readonly breaks: RegExp
}

export const CALM: Bounds = { kinds: new Set(['machine']), expires: false, dies: false }
export const rough = (...more: readonly Kind[]): Bounds => ({
  kinds: new Set(['machine', 'timer', ...more]),
  expires: true,
  dies: true,
})

const FAR = '2099-01-01T00:00:00.000Z'
const two = { wishes: WISHES.slice(0, 2), bounds: CALM }
const three = { wishes: WISHES, bounds: CALM }

function without(type: string): Rules {
  return { ...PRODUCT, written: (events) => events.filter((event) => event.type !== type) }
}

export const mutations: readonly Mutation[] = [
  {
    name: 'the leases of others are not looked at',
    ...two,
    rules: {
      ...PRODUCT,
      shown: (locks, run) => ({ ...locks, held: locks.held.filter((one) => one.run === run) }),
    },
    breaks: /two hold the same at once/,
  },
  {
    name: 'one overlap, of a folder and what is in it, is not noticed',
    ...two,
    rules: {
      ...PRODUCT,
      shown: (locks, run) => ({
        ...locks,
        held: locks.held.filter((one) => one.run === run || one.key !== 'path:lib'),
      }),
    },
    breaks: /two hold the same at once/,
  },
  {
    name: 'a run’s own lease counts beyond its time',
    wishes: WISHES.slice(0, 1),
    bounds: { ...CALM, expires: true },
    rules: {
      ...PRODUCT,
      shown: (locks, run) => ({
        ...locks,
        held: locks.held.map((one) => (one.run === run ? { ...one, until: FAR } : one)),
      }),
    },
    breaks: /a write counts without a lease/,
  },
  {
    name: 'a fence is given out twice',
    ...two,
    rules: {
      ...PRODUCT,
      written: (events) =>
        events.map((event) =>
          event.type === 'LocksTaken'
            ? { ...event, data: { ...event.data, token: Math.max(1, Number(event.data['token']) - 1) } }
            : event,
        ),
    },
    breaks: /a fence is no newer/,
  },
  {
    name: 'a release gives back what others hold',
    wishes: [...WISHES.slice(2), FOURTH, ...WISHES.slice(0, 1)],
    bounds: CALM,
    rules: {
      ...PRODUCT,
      evolve: (state, event) => (event.type === 'LocksReleased' ? { ...state, held: [] } : evolveLocks(state, event)),
    },
    breaks: /two hold the same at once/,
  },
  {
    name: 'nobody is told that locks were given back',
    ...two,
    rules: { ...PRODUCT, next: () => [] },
    breaks: /its way is free, and nobody wakes it/,
  },
  {
    name: 'the line forgets who waits',
    ...two,
    rules: { ...PRODUCT, evolve: (state, event) => ({ ...evolveLocks(state, event), queue: [] }) },
    breaks: /its way is free, and nobody wakes it/,
  },
  {
    name: 'the line is not looked at',
    ...three,
    rules: { ...PRODUCT, shown: (locks) => ({ ...locks, queue: [] }) },
    breaks: /one goes past another/,
  },
  {
    name: 'a run that ends keeps its locks',
    ...two,
    rules: without('LocksReleased'),
    breaks: /has ended and holds something for ever/,
  },
  {
    name: 'a run that is stopped stays in line',
    ...two,
    bounds: { ...CALM, kinds: new Set(['machine', 'person']) },
    rules: without('WaitEnded'),
    breaks: /has ended and holds something for ever/,
  },
]

/** Found only where a lease is taken over in part: too far away for the tests. */
export const FAR_AWAY: Mutation = {
  name: 'a run that waits keeps what is left of a lease that was taken over in part',
  wishes: WISHES,
  bounds: rough(),
  rules: {
    ...PRODUCT,
    written: (events) =>
      events.some(({ type }) => type === 'LocksAwaited')
        ? events.filter(({ type }) => type !== 'LocksReleased')
        : events,
  },
  breaks: /waits in a circle/,
}
