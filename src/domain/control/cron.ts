/** A parsed rule: the values each field admits; a day counts by month or by week as cron has always done it. */
export type Cron = {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  readonly anyDay: boolean
  readonly anyWeekday: boolean
}

/** Five fields: minute, hour, day of month, month, weekday (0 and 7 are Sunday); `*`, `a-b`, lists and `/step`. */
export function parseCron(text: string): Cron | undefined {
  const fields = text.split(' ')
  const sets = FIELDS.flatMap(([min, max], i) => parseField(fields[i] ?? '', min, max) ?? [])
  const [minutes, hours, days, months, weekdays] = sets
  if (fields.length !== FIELDS.length || !minutes || !hours || !days || !months || !weekdays) return undefined
  const sundayIsZero = new Set([...weekdays].map((value) => value % 7))
  return {
    minutes,
    hours,
    days,
    months,
    weekdays: sundayIsZero,
    anyDay: fields[2] === '*',
    anyWeekday: fields[4] === '*',
  }
}

/** Every due time after `from` up to and including `to`, oldest first; `undefined` where an argument has no meaning. */
export function dueTimes(cron: string, from: string, to: string): readonly string[] | undefined {
  const rule = parseCron(cron)
  const first = minutesOf(from)
  const last = minutesOf(to)
  if (rule === undefined || first === undefined || last === undefined) return undefined
  const times: string[] = []
  const begin = first + 1
  for (let day = Math.floor(begin / MINUTES_A_DAY); day * MINUTES_A_DAY <= last; day += 1) {
    if (!isDueOn(rule, day)) continue
    for (const minute of minutesOfDay(rule)) {
      const at = day * MINUTES_A_DAY + minute
      if (at >= begin && at <= last) times.push(isoOf(at))
    }
  }
  return times
}

const MINUTES_A_DAY = 1440
const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

function parseField(field: string, min: number, max: number): ReadonlySet<number> | undefined {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const range = parsePart(part, min, max)
    if (range === undefined) return undefined
    for (let value = range.from; value <= range.to; value += range.step) values.add(value)
  }
  return values
}

type Range = { readonly from: number; readonly to: number; readonly step: number }

function parsePart(part: string, min: number, max: number): Range | undefined {
  const match = /^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part)
  if (match === null) return undefined
  const [, star, low, high, every] = match
  const from = star === undefined ? Number(low) : min
  const to = star === undefined && every === undefined ? Number(high ?? low) : Number(high ?? max)
  const range = { from, to, step: Number(every ?? 1) }
  return isWithin(range, min, max) ? range : undefined
}

function isWithin({ from, to, step }: Range, min: number, max: number): boolean {
  return min <= from && from <= to && to <= max && step >= 1
}

function minutesOfDay(rule: Cron): readonly number[] {
  return ascending(rule.hours).flatMap((hour) => ascending(rule.minutes).map((minute) => hour * 60 + minute))
}

function ascending(values: ReadonlySet<number>): readonly number[] {
  return [...values].sort((a, b) => a - b)
}

/** Where both day fields are restricted, either one is enough. */
function isDueOn(rule: Cron, day: number): boolean {
  const date = dateOf(day)
  if (!rule.months.has(date.month)) return false
  const byDay = rule.days.has(date.day)
  const byWeekday = rule.weekdays.has((((day + 4) % 7) + 7) % 7)
  return rule.anyDay || rule.anyWeekday ? byDay && byWeekday : byDay || byWeekday
}

type CalendarDate = { readonly year: number; readonly month: number; readonly day: number }

/** Days since 1970-01-01 to a date of the Gregorian calendar, counted in eras of 400 years that begin in March. */
function dateOf(days: number): CalendarDate {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

function daysOf({ year, month, day }: CalendarDate): number {
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The whole minutes up to a time, so that a due time is after `from` exactly when its minute is a later one. */
function minutesOf(iso: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d):[0-5]\d\.\d{3}Z$/.exec(iso)
  if (match === null) return undefined
  const [, date = '', hour, minute] = match
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const minutes = daysOf({ year, month, day }) * MINUTES_A_DAY + Number(hour) * 60 + Number(minute)
  return isoOf(minutes).startsWith(date) ? minutes : undefined
}

function isoOf(minutes: number): string {
  const { year, month, day } = dateOf(Math.floor(minutes / MINUTES_A_DAY))
  const ofDay = minutes - Math.floor(minutes / MINUTES_A_DAY) * MINUTES_A_DAY
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${pad(Math.floor(ofDay / 60))}:${pad(ofDay % 60)}:00.000Z`
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0')
}
