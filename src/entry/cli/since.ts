import type { Instant } from '../../domain/ids.ts'
import { type Given, WrongUsage } from './command.ts'

/** `--since` as the first moment that counts: a day of the calendar (UTC) or a moment; null where it is not given. */
export function sinceGiven(given: Given): Instant | null {
  const said = given.flags.get('since')
  if (said === undefined) return null
  const isDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/.test(said)
  const ms = isDate ? Date.parse(said) : Number.NaN
  if (Number.isNaN(ms)) throw new WrongUsage('--since is a date such as 2026-01-31 or 2026-01-31T09:00Z')
  return new Date(ms).toISOString()
}
