import type { Clock } from '../../app/ports.ts'
import { plus } from '../../domain/clock.ts'
import type { Instant } from '../../domain/ids.ts'

/** What the record says about time, and what a job measures itself by. */
export type LocalClocks = { readonly record: Clock; readonly job: Clock }

const system: Clock = { now: () => new Date().toISOString() }

/**
 * From a given instant the record stands still there, so that the same inputs give the same record, while the job's limits
 * still run; without one both are the system's clock.
 */
export function localClocks(start: Instant | null): LocalClocks {
  if (start === null) return { record: system, job: system }
  const began = performance.now()
  return {
    record: { now: () => start },
    job: { now: () => plus(start, Math.floor(performance.now() - began)) },
  }
}
