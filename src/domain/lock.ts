import { z } from 'zod'
import { Instant, RunId } from './ids.ts'

/** One held lease as the run's input saw it: `token` is the sequence number in the repository's lock stream that took it. */
export const Held = z.strictObject({ key: z.string().max(4200), run: RunId, token: z.int().min(1), until: Instant })
export type Held = z.infer<typeof Held>

/** The repository's lock stream as far as it concerns one run: its length and every lease on a key that the run wants or holds. */
export const LockFacts = z.strictObject({ seq: z.int().min(0), held: z.array(Held).max(2000) })
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
  return { seq, held: state.filter(concerns) }
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
