import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inHands, nameOf, pointsOf, type Struck, spread, strike } from '../support/crash/points.ts'
import { makeTemplate, type Repetition, repeat } from '../support/crash/repetition.ts'

/** `npm run test:crash` strikes at every point; here at so many of them, always the same. */
const POINTS = 24
const MINUTES = 60_000

let template: string
let undisturbed: Repetition

beforeAll(async () => {
  template = await makeTemplate()
  undisturbed = await repeat(template)
}, 3 * MINUTES)
afterAll(() => rm(dirname(template), { recursive: true, force: true }))

test('an undisturbed run ends delivered, each of its effects performed once, its evidence valid', () => {
  expect(undisturbed.kills).toBe(0)
  expect(undisturbed.ending).toMatchObject({
    phase: 'delivered',
    evidence: 'valid delivered',
    pulls: [{ state: 'open', draft: false }],
  })
  expect(undisturbed.ending['effects']).not.toContain(expect.stringMatching(/(attempted|abandoned)$/))
})

test(
  'wherever the server is killed, it starts again and everything ends as if nothing had happened',
  async () => {
    const outcomes = new Map<string, Struck>()
    await inHands(spread(pointsOf(undisturbed), POINTS), 2, async (point) => {
      outcomes.set(nameOf(point), await strike(template, undisturbed.ending, point))
    })
    const wrong = [...outcomes].filter(([, { is }]) => is === 'different' || is === 'broken')
    expect(wrong).toEqual([])
    const reached = [...outcomes.values()].filter(({ is }) => is === 'equal')
    expect(reached.length).toBeGreaterThanOrEqual(POINTS - 3)
  },
  15 * MINUTES,
)
