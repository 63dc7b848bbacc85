import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { grouped, inHands, nameOf, pointsOf, type Struck, spread, strike } from '../support/crash/points.ts'
import { type Ground, makeTemplate, type Repetition, repeat } from '../support/crash/repetition.ts'

/** `test/crash/run.ts` strikes at every point alone; here at so many of them, always the same, some in one repetition. */
const POINTS = 24
const TOGETHER = 3
const MINUTES = 60_000

let ground: Ground
let undisturbed: Repetition

beforeAll(async () => {
  ground = { template: await makeTemplate(), database: null }
  undisturbed = await repeat(ground)
}, 5 * MINUTES)
afterAll(() => rm(dirname(ground.template), { recursive: true, force: true }))

test('an undisturbed run ends merged, each of its effects performed once, its evidence valid', () => {
  expect(undisturbed.kills).toBe(0)
  expect(undisturbed.ending).toMatchObject({
    phase: 'merged',
    evidence: 'valid merged',
    pulls: [{ state: 'closed', draft: false }],
  })
  expect(undisturbed.ending['effects']).not.toContainEqual(expect.stringMatching(/ (attempted|abandoned)$/))
})

test(
  'wherever the server is killed, it starts again and everything ends as if nothing had happened',
  async () => {
    const outcomes = new Map<string, Struck>()
    await inHands(grouped(spread(pointsOf(undisturbed), POINTS), TOGETHER), 2, async (points) => {
      outcomes.set(points.map(nameOf).join('; '), await strike(ground, undisturbed.ending, points))
    })
    expect([...outcomes].filter(([, { is }]) => is !== 'equal')).toEqual([])
    const kills = [...outcomes.values()].reduce((sum, struck) => sum + (struck.is === 'equal' ? struck.kills : 0), 0)
    expect(kills).toBeGreaterThanOrEqual(POINTS - 3)
  },
  15 * MINUTES,
)
