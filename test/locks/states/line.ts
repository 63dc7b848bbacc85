import { plus } from '../../../src/domain/clock.ts'
import type { LockState } from '../../../src/domain/lock.ts'
import { START } from '../../support/given.ts'
import type { Contender } from './contender.ts'

/** So much passes at once; a lease lasts two of these. */
const HOURS_3 = 3 * 3_600_000
const UNTIL = [START, plus(START, HOURS_3), plus(START, 2 * HOURS_3)]
export const LEASE = 2

/** One run's part of the lock stream: which of its keys it holds under which token for how long, and its place in line. */
export type Part = { readonly keys: number; readonly token: number; readonly left: number; readonly place: number }

type Keyed = Pick<Contender, 'wish' | 'keys'>

/** The lock stream as the product folds it; `number` gives each token and place its number. */
export function toLocks(runs: readonly Keyed[], parts: readonly Part[], number: (n: number) => number): LockState {
  const all = runs.flatMap((run, i) => {
    const part = parts[i]
    return part === undefined ? [] : [{ run, part }]
  })
  const held = all
    .toSorted((a, b) => a.part.token - b.part.token)
    .flatMap(({ run: { wish, keys }, part: { keys: mask, token, left } }) =>
      keys.flatMap((key, k) =>
        (mask & (1 << k)) === 0
          ? []
          : [{ key, run: wish.run, token: number(token), until: UNTIL[left] ?? START, since: START }],
      ),
    )
  const queue = all
    .filter(({ part }) => part.place > 0)
    .toSorted((a, b) => a.part.place - b.part.place)
    .map(({ run: { wish, keys }, part }) => ({ run: wish.run, keys, place: number(part.place), since: START }))
  return { held, queue }
}

/** The other way round. Throws where a run holds keys under several leases, which the model cannot tell apart. */
export function toParts(runs: readonly Keyed[], { held, queue }: LockState): readonly Part[] {
  return runs.map(({ wish, keys }) => {
    const own = held.filter(({ run }) => run === wish.run)
    const leases = new Set(own.map(({ token, until }) => `${token} ${until}`))
    if (leases.size > 1) throw new Error(`${wish.run} holds several leases: ${[...leases].join(', ')}`)
    const mask = own.reduce((sum, { key }) => sum | (1 << keys.indexOf(key)), 0)
    const place = queue.find(({ run }) => run === wish.run)?.place ?? 0
    return { keys: mask, token: own[0]?.token ?? 0, left: UNTIL.indexOf(own[0]?.until ?? START), place }
  })
}
