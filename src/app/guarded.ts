import { setTimeout as delay } from 'node:timers/promises'
import { describe } from './describe.ts'
import { TryLater } from './ports.ts'
import type { Log } from './worker.ts'

/** After this time a loop looks again, though nothing woke it. */
export const SWEEP_MS = 2000

/** A loop outlives what goes wrong inside one turn: the lease runs out and the work is taken again. */
export async function guarded<T>(log: Log, what: string, turn: () => Promise<T>): Promise<T | undefined> {
  try {
    return await turn()
  } catch (error) {
    const wait = error instanceof TryLater ? Math.min(error.afterMs, SWEEP_MS) : SWEEP_MS
    log(error instanceof TryLater ? 'warn' : 'error', `${what} failed and is tried again`, {
      error: describe(error),
    })
    await delay(wait)
    return undefined
  }
}
