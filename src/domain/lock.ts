import { z } from 'zod'
import { Instant, RunId } from './ids.ts'
import { conflicts } from './lock-keys.ts'

const Key = z.string().max(4200)
const Number = z.int().min(1)

/**
 * One held lease as the run's input saw it: `token` is the sequence number in the repository's lock stream that took it,
 * `number` the pull request of the run that holds it.
 */
export const Held = z.strictObject({
  key: Key,
  run: RunId,
  token: z.int().min(1),
  until: Instant,
  since: Instant.exactOptional(),
  number: Number.exactOptional(),
})
export type Held = z.infer<typeof Held>

/** A run that waits, with one key that it has in common with the run that looks. A lower `place` goes first. */
export const Ahead = z.strictObject({
  key: Key,
  run: RunId,
  place: z.int().min(1),
  since: Instant,
  number: Number.exactOptional(),
})
export type Ahead = z.infer<typeof Ahead>

/**
 * The repository's lock stream as far as it concerns one run: its length, every lease on a key that the run wants or holds,
 * and the runs that wait for such a key, in their order. Where an event has no room for all leases, `whole` says that the
 * run holds every key that it wants under this one lease, and of another run's lease one key in the way is named.
 */
export const LockFacts = z.strictObject({
  seq: z.int().min(0),
  held: z.array(Held).max(2000),
  whole: Held.pick({ token: true, until: true }).exactOptional(),
  queue: z.array(Ahead).max(20).exactOptional(),
})
export type LockFacts = z.infer<typeof LockFacts>

/** The events of a repository's lock stream. They mirror decisions of runs and are appended in the same transaction. */
export const lockEvents = {
  LocksTaken: z.strictObject({
    run: RunId,
    keys: z.array(Key).min(1),
    token: z.int().min(1),
    until: Instant,
    number: Number.exactOptional(),
  }),
  LocksRenewed: z.strictObject({ run: RunId, token: z.int().min(1), until: Instant }),
  LocksReleased: z.strictObject({ run: RunId, token: z.int().min(1) }),
  /** `place` is the sequence number at which the run began to wait: it is kept when the run waits again. */
  LocksAwaited: z.strictObject({
    run: RunId,
    keys: z.array(Key).min(1),
    place: z.int().min(1),
    number: Number.exactOptional(),
  }),
  WaitEnded: z.strictObject({ run: RunId }),
} as const

/** A run that waits for all of its keys; it holds none of them meanwhile. */
export type Waiting = {
  readonly run: string
  readonly keys: readonly string[]
  readonly place: number
  readonly since: string
  readonly number?: number
}

/** Who holds what, and who waits, first in line first. */
export type LockState = { readonly held: readonly Held[]; readonly queue: readonly Waiting[] }

export const noLocks: LockState = { held: [], queue: [] }

type LockEvent = { readonly type: string; readonly data: unknown; readonly at: string }
type Fold = (state: LockState, event: LockEvent) => LockState

const foldBy: { readonly [T in keyof typeof lockEvents]: Fold } = {
  LocksTaken: (state, { data, at }) => {
    const { keys, ...lease } = lockEvents.LocksTaken.parse(data)
    const others = state.held.filter((held) => held.run !== lease.run && !keys.some((key) => conflicts(key, held.key)))
    const taken = keys.map((key) => ({ key, ...lease, since: at }))
    return { held: [...others, ...taken], queue: without(state.queue, lease.run) }
  },
  LocksRenewed: (state, { data }) => {
    const { run, token, until } = lockEvents.LocksRenewed.parse(data)
    const held = state.held.map((one) => (one.run === run && one.token === token ? { ...one, until } : one))
    return { ...state, held }
  },
  LocksReleased: (state, { data }) => {
    const { run } = lockEvents.LocksReleased.parse(data)
    return { ...state, held: state.held.filter((held) => held.run !== run) }
  },
  LocksAwaited: (state, { data, at }) => {
    const waiting = { ...lockEvents.LocksAwaited.parse(data), since: at }
    const queue = [...without(state.queue, waiting.run), waiting].sort((a, b) => a.place - b.place)
    return { ...state, queue }
  },
  WaitEnded: (state, { data }) => ({ ...state, queue: without(state.queue, lockEvents.WaitEnded.parse(data).run) }),
}

/** A lock stream holds an event that this engine does not know: nothing is decided on locks that cannot be told. */
export class UnknownLockEvent extends Error {
  override readonly name = 'UnknownLockEvent'
}

/** Folds one event of a lock stream; the token of a lease is the sequence number of the event that took it. */
export function evolveLocks(state: LockState, event: LockEvent): LockState {
  if (!isLockEvent(event.type)) throw new UnknownLockEvent(event.type)
  return foldBy[event.type](state, event)
}

function isLockEvent(type: string): type is keyof typeof lockEvents {
  return Object.hasOwn(lockEvents, type)
}

function without(queue: LockState['queue'], run: string): LockState['queue'] {
  return queue.filter((waiting) => waiting.run !== run)
}

/** The part of a lock stream that concerns a run: what it holds, who stands in its way, and who waits for the same. */
export function lockFacts({ held, queue }: LockState, seq: number, run: RunId, keys: readonly string[]): LockFacts {
  const concerning = held.filter((one) => one.run === run || keys.some((key) => conflicts(key, one.key)))
  const isShort = new TextEncoder().encode(JSON.stringify(concerning)).length <= MAX_HELD_BYTES
  const leases = isShort ? { held: concerning } : inShort(concerning, run, keys)
  const waiting = queue.flatMap((one) => aheadIn(one, run, keys)).slice(0, MOST_AHEAD)
  return { seq, ...leases, ...(waiting.length === 0 ? {} : { queue: waiting }) }
}

/** What an event spares for leases. */
const MAX_HELD_BYTES = 6000
/** The first in line is the one to wait for; the others are told to people. */
const MOST_AHEAD = 8
const MOST_OF_KEY = 300

function aheadIn({ keys: wanted, ...waiting }: Waiting, run: string, keys: readonly string[]): readonly Ahead[] {
  if (waiting.run === run) return []
  const key = wanted.find((one) => keys.some((own) => conflicts(own, one)))
  return key === undefined ? [] : [{ ...waiting, key: key.slice(0, MOST_OF_KEY).toWellFormed() }]
}

/** All keys of one lease have one token and end at one time, so that each lease can be told by one of its keys. */
function inShort(held: readonly Held[], run: RunId, keys: readonly string[]): Pick<LockFacts, 'held' | 'whole'> {
  const own = held.filter((one) => one.run === run)
  const others = held.filter((one) => one.run !== run)
  const leases = [...new Map(others.map((one) => [`${one.run} ${one.token}`, one])).values()]
  const [first, ...more] = [...new Map(own.map((one) => [`${one.token} ${one.until}`, one])).values()]
  const owned = new Set(own.map(({ key }) => key))
  const isWhole = more.length === 0 && keys.every((key) => owned.has(key))
  if (first === undefined) return { held: leases }
  return isWhole ? { held: leases, whole: { token: first.token, until: first.until } } : { held: [...leases, first] }
}

/** Every unexpired lease of another run that is in the way, in the order of the lock stream. */
export function heldInTheWay(facts: LockFacts, run: RunId, keys: readonly string[], now: string): readonly Held[] {
  return facts.held.filter(
    (held) => held.run !== run && held.until > now && keys.some((key) => conflicts(key, held.key)),
  )
}

/**
 * Whom a run must wait for: who holds one of its keys, then who began to wait for one of them before it did. A run that
 * holds all it wants waits for nobody. `place` is its own, null where it does not wait yet.
 */
export function inTheWay(
  facts: LockFacts,
  {
    run,
    keys,
    place,
    now,
  }: { readonly run: RunId; readonly keys: readonly string[]; readonly place: number | null; readonly now: string },
): Held | Ahead | undefined {
  const [holder] = heldInTheWay(facts, run, keys, now)
  if (holder !== undefined) return holder
  return holdsAll(facts, run, keys, now) ? undefined : aheadOf(facts, place)[0]
}

/** The runs that wait and go first. */
export function aheadOf({ queue = [] }: LockFacts, place: number | null): readonly Ahead[] {
  return queue.filter((waiting) => place === null || waiting.place < place)
}

function holdsAll({ held, whole }: LockFacts, run: RunId, keys: readonly string[], now: string): boolean {
  if (whole !== undefined) return whole.until > now
  return keys.every((key) => held.some((one) => one.run === run && one.key === key && one.until > now))
}

/** The waiting runs whose way is free, first in line first: none of them wants what another one of them wants. */
export function nextInLine(state: LockState, now: string): readonly Waiting[] {
  const busy = state.held.filter((held) => held.until > now).map(({ key, run }) => ({ run, keys: [key] }))
  const next: Waiting[] = []
  for (const [index, waiting] of state.queue.entries()) {
    const before = [...busy, ...state.queue.slice(0, index)].filter(({ run }) => run !== waiting.run)
    if (!before.some(({ keys }) => keys.some((key) => waiting.keys.some((own) => conflicts(own, key)))))
      next.push(waiting)
  }
  return next
}
