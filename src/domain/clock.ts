import type { Instant } from './ids.ts'

/** Adds milliseconds to an instant, in UTC, without a clock. Valid for the years 1970 to 9999. */
export function plus(instant: Instant, ms: number): Instant {
  return fromEpochMs(toEpochMs(instant) + ms)
}

const DAY_MS = 86_400_000

/** Milliseconds since 1970-01-01T00:00:00.000Z. */
export function toEpochMs(instant: Instant): number {
  const field = (start: number, end: number) => Number(instant.slice(start, end))
  const days = daysBefore(field(0, 4), field(5, 7), field(8, 10))
  return days * DAY_MS + field(11, 13) * 3_600_000 + field(14, 16) * 60_000 + field(17, 19) * 1000 + field(20, 23)
}

export function fromEpochMs(ms: number): Instant {
  const days = Math.floor(ms / DAY_MS)
  const rest = ms - days * DAY_MS
  const [year, month, day] = civil(days)
  const time = `${two(Math.floor(rest / 3_600_000))}:${two(Math.floor(rest / 60_000) % 60)}:${two(Math.floor(rest / 1000) % 60)}`
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}.${String(rest % 1000).padStart(3, '0')}Z`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

// Howard Hinnant's days_from_civil and civil_from_days, for the proleptic Gregorian calendar.
function daysBefore(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function civil(days: number): readonly [number, number, number] {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const mp = Math.floor((5 * dayOfYear + 2) / 153)
  const month = mp + (mp < 10 ? 3 : -9)
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * mp + 2) / 5) + 1]
}
