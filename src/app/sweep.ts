import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from './worker.ts'

export type Sweep = {
  /** Asks for what was missed once more, and answers how much that was. */
  readonly redeliver: () => Promise<number>
  readonly log: Log
}

/** Soon after a start again and again, since what was sent at the end of a standstill is listed a little later; then seldom. */
const FIRST_WAITS_MS = [0, 5_000, 30_000] as const
const LATER_MS = 300_000

/** Until `signal` aborts, asks in turn for the news that nobody took in while no server listened. */
export async function sweep({ redeliver, log }: Sweep, signal: AbortSignal): Promise<void> {
  for (let turn = 0; await waited(FIRST_WAITS_MS[turn] ?? LATER_MS, signal); turn += 1) {
    try {
      const missed = await redeliver()
      if (missed > 0) log('info', 'asked for deliveries that were missed', { missed })
    } catch (error) {
      log('warn', 'missed deliveries could not be asked for; it is tried again', {
        error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'not an Error',
      })
    }
  }
}

/** Waits; false when there is no reason to go on. */
export async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
