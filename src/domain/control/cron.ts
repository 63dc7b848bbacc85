import { fromEpochMs, toEpochMs } from '../clock.ts'
import type { Instant } from '../ids.ts'

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

/** Every due time after `from` up to and including `to`, oldest first; `undefined` where the text is no cron rule. */
export function dueTimes(cron: string, from: Instant, to: Instant): readonly Instant[] | undefined {
  const rule = parseCron(cron)
  if (rule === undefined) return undefined
  const times: Instant[] = []
  const after = toEpochMs(from)
  const last = toEpochMs(to)
  for (let day = Math.floor(after / DAY_MS); day * DAY_MS <= last; day += 1) {
    if (!isDueOn(rule, day)) continue
    const due = minutesOfDay(rule).map((minute) => day * DAY_MS + minute * MINUTE_MS)
    times.push(...due.filter((at) => at > after && at <= last).map(fromEpochMs))
  }
  return times
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
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
  const [, month = 0, date = 0] = fromEpochMs(day * DAY_MS)
    .slice(0, 10)
    .split('-')
    .map(Number)
  if (!rule.months.has(month)) return false
  const byDate = rule.days.has(date)
  const byWeekday = rule.weekdays.has((day + THURSDAY) % 7)
  return rule.anyDay || rule.anyWeekday ? byDate && byWeekday : byDate || byWeekday
}

/** The weekday of 1970-01-01. */
const THURSDAY = 4
