import { setTimeout as delay } from 'node:timers/promises'
import { describe } from './describe.ts'
import type { Log } from './worker.ts'

export type Turns = {
  /** How long to wait before each turn; the last of these again and again. */
  readonly waitsMs: readonly [number, ...number[]]
  readonly take: () => Promise<void>
  readonly log: Log
  /** What to tell of a turn that went wrong, and how loudly. */
  readonly failed: readonly [level: 'warn' | 'error', says: string]
}

/** Takes a turn after each wait until `signal` aborts. What goes wrong in one is told, and tried again in the next. */
export async function inTurns(
  { waitsMs, take, log, failed: [level, says] }: Turns,
  signal: AbortSignal,
): Promise<void> {
  for (let turn = 0; await waited(waitsMs[turn] ?? waitsMs.at(-1) ?? waitsMs[0], signal); turn += 1) {
    try {
      await take()
    } catch (error) {
      log(level, `${says}; it is tried again`, { error: describe(error) })
    }
  }
}

/** False when there is no reason to go on. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
