import { Instant } from '../../domain/ids.ts'

export function later(now: Instant, ms: number): Instant {
  return Instant.parse(new Date(Date.parse(now) + ms).toISOString())
}
