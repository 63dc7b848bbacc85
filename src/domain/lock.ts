import { z } from 'zod'
import { Instant, RunId } from './ids.ts'

/** One held lease as the run's input saw it: `token` is the sequence number in the repository's lock stream that took it. */
export const Held = z.strictObject({ key: z.string().max(4200), run: RunId, token: z.int().min(1), until: Instant })
export type Held = z.infer<typeof Held>

/**
 * The repository's lock stream as far as it concerns one run: its length and every lease on a key that the run wants or holds.
 * Where an event has no room for them all, `whole` says that the run holds every key that it wants under this one lease, and
 * of another run's lease one key in the way is named.
 */
export const LockFacts = z.strictObject({
  seq: z.int().min(0),
  held: z.array(Held).max(2000),
  whole: Held.pick({ token: true, until: true }).exactOptional(),
})
export type LockFacts = z.infer<typeof LockFacts>

/** The events of a repository's lock stream. They mirror decisions of runs and are appended in the same transaction. */
export const lockEvents = {
  LocksTaken: z.strictObject({
    run: RunId,
    keys: z.array(z.string().max(4200)).min(1),
    token: z.int().min(1),
    until: Instant,
  }),
  LocksRenewed: z.strictObject({ run: RunId, token: z.int().min(1), until: Instant }),
  LocksReleased: z.strictObject({ run: RunId, token: z.int().min(1) }),
} as const

export type LockState = readonly Held[]

/** Folds one event of a lock stream; the token of a lease is the sequence number of the event that took it. */
export function evolveLocks(state: LockState, event: { readonly type: string; readonly data: unknown }): LockState {
  if (event.type === 'LocksTaken') {
    const { run, keys, token, until } = lockEvents.LocksTaken.parse(event.data)
    const others = state.filter((held) => held.run !== run && !keys.some((key) => conflicts(key, held.key)))
    return [...others, ...keys.map((key) => ({ key, run, token, until }))]
  }
  if (event.type === 'LocksRenewed') {
    const { run, token, until } = lockEvents.LocksRenewed.parse(event.data)
    return state.map((held) => (held.run === run && held.token === token ? { ...held, until } : held))
  }
  const { run } = lockEvents.LocksReleased.parse(event.data)
  return state.filter((held) => held.run !== run)
}

/** Two keys exclude each other when they are equal or one is a folder of the other. */
export function conflicts(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}

/** The part of a lock stream that concerns a run: what it holds and who stands in the way of what it wants. */
export function lockFacts(state: LockState, seq: number, run: RunId, keys: readonly string[]): LockFacts {
  const concerns = (held: Held) => held.run === run || keys.some((key) => conflicts(key, held.key))
  const held = state.filter(concerns)
  const isShort = new TextEncoder().encode(JSON.stringify(held)).length <= MAX_HELD_BYTES
  return isShort ? { seq, held } : { seq, ...inShort(held, run, keys) }
}

/** What an event spares for leases. */
const MAX_HELD_BYTES = 6000

/** All keys of one lease have one token and end at one time, so that each lease can be told by one of its keys. */
function inShort(held: readonly Held[], run: RunId, keys: readonly string[]): Omit<LockFacts, 'seq'> {
  const own = held.filter((one) => one.run === run)
  const others = held.filter((one) => one.run !== run)
  const leases = [...new Map(others.map((one) => [`${one.run} ${one.token}`, one])).values()]
  const [first, ...more] = [...new Map(own.map((one) => [`${one.token} ${one.until}`, one])).values()]
  const owned = new Set(own.map(({ key }) => key))
  const isWhole = more.length === 0 && keys.every((key) => owned.has(key))
  if (first === undefined) return { held: leases }
  return isWhole ? { held: leases, whole: { token: first.token, until: first.until } } : { held: [...leases, first] }
}

/** The first lease of another run that is in the way and has not expired. */
export function holderInTheWay(facts: LockFacts, run: RunId, keys: readonly string[], now: string): Held | undefined {
  return heldInTheWay(facts, run, keys, now)[0]
}

/** Every such lease, in the order of the lock stream. */
export function heldInTheWay(facts: LockFacts, run: RunId, keys: readonly string[], now: string): readonly Held[] {
  return facts.held.filter(
    (held) => held.run !== run && held.until > now && keys.some((key) => conflicts(key, held.key)),
  )
}

export function pathLock(path: string): string {
  return `path:${path}`
}
