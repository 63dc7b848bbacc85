import { CronExpressionParser } from 'cron-parser'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueTimes, parseCron } from '../../../src/domain/control/cron.ts'

const field = (min: number, max: number) => {
  const value = fc.integer({ min, max })
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  const step = fc.tuple(range, fc.integer({ min: 1, max: 9 })).map(([text, every]) => `${text}/${every}`)
  const every = fc.integer({ min: 2, max: 9 }).map((n) => `*/${n}`)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    value.map(String),
    range,
    step,
    every,
    fc.uniqueArray(value, { minLength: 2, maxLength: 3 }).map((values) => values.join(',')),
  )
}

/** cron-parser reads a stepped day as unrestricted or not in its own way, so days are stepped in no random rule. */
const day = (min: number, max: number) => field(min, max).filter((text) => !text.startsWith('*/'))

describe('a cron rule', () => {
  it('is due at the times that cron-parser names, over any span of any year', () => {
    const rule = fc
      .tuple(field(0, 59), field(0, 23), day(1, 31), field(1, 12), day(0, 6))
      .map((fields) => fields.join(' '))
    const start = fc.date({ min: new Date('1999-01-01'), max: new Date('2101-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(rule, start, fc.integer({ min: 1, max: 8 }), (cron, from, days) => {
        const to = new Date(from.getTime() + days * 86_400_000)
        expect(dueTimes(cron, from.toISOString(), to.toISOString())).toEqual(expectedTimes(cron, from, to))
      }),
      { numRuns: 100, seed: 11 },
    )
  })

  it('is due after the first moment of a span and up to its last', () => {
    expect(dueTimes('0 6 * * *', '2026-03-01T06:00:00.000Z', '2026-03-02T06:00:00.000Z')).toEqual([
      '2026-03-02T06:00:00.000Z',
    ])
    expect(dueTimes('0 6 * * *', '2026-03-01T05:59:59.999Z', '2026-03-01T06:00:00.000Z')).toEqual([
      '2026-03-01T06:00:00.000Z',
    ])
    expect(dueTimes('0 6 * * *', '2026-03-01T06:00:00.001Z', '2026-03-02T05:59:59.999Z')).toEqual([])
    expect(dueTimes('* * * * *', '2026-03-02T00:00:00.000Z', '2026-03-01T00:00:00.000Z')).toEqual([])
  })

  it('knows leap years and takes either day where both are restricted', () => {
    expect(dueTimes('0 0 29 2 *', '2023-12-31T00:00:00.000Z', '2028-12-31T00:00:00.000Z')).toEqual([
      '2024-02-29T00:00:00.000Z',
      '2028-02-29T00:00:00.000Z',
    ])
    expect(dueTimes('0 0 1 * 1', '2026-05-31T12:00:00.000Z', '2026-06-09T00:00:00.000Z')).toEqual([
      '2026-06-01T00:00:00.000Z',
      '2026-06-08T00:00:00.000Z',
    ])
  })

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    'a * * * *',
    '@daily',
    '*  * * * *',
    '1,, * * * *',
    '-1 * * * *',
  ])('refuses %j', (text) => {
    expect(parseCron(text)).toBeUndefined()
    expect(dueTimes(text, '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z')).toBeUndefined()
  })
})

function expectedTimes(cron: string, from: Date, to: Date): readonly string[] {
  const expression = CronExpressionParser.parse(cron, { currentDate: from, endDate: to, tz: 'UTC' })
  const times: string[] = []
  while (expression.hasNext()) times.push(expression.next().toDate().toISOString())
  return times
}
