import { inTurns } from './in-turns.ts'
import type { Log } from './worker.ts'

export type Sweep = {
  /** Asks for what was missed once more, and answers how much that was. */
  readonly redeliver: () => Promise<number>
  readonly log: Log
}

/** Soon after a start again and again, since what was sent at the end of a standstill is listed a little later; then seldom. */
const WAITS_MS = [0, 5_000, 30_000, 300_000] as const

/** Until `signal` aborts, asks in turn for the news that nobody took in while no server listened. */
export function sweep({ redeliver, log }: Sweep, signal: AbortSignal): Promise<void> {
  const take = async () => {
    const missed = await redeliver()
    if (missed > 0) log('info', 'asked for deliveries that were missed', { missed })
  }
  return inTurns({ waitsMs: WAITS_MS, take, log, failed: ['warn', 'missed deliveries could not be asked for'] }, signal)
}
