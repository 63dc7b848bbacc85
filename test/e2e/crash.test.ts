import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grouped, inHands, nameOf, pointsOf, type Struck, spread, strike } from '../support/crash/points.ts'
import { type Ground, makeTemplate, type Repetition, repeat } from '../support/crash/repetition.ts'
import { type CrashStory, light, merge, rollback } from '../support/crash/stories.ts'

const TOGETHER = 3
const MINUTES = 60_000
/** The timers of a run that has ended are given up. */
const UNDONE = /^(?!timer abandoned$).* (?:attempted|abandoned)$/

let template: string
beforeAll(async () => {
  template = await makeTemplate()
}, 5 * MINUTES)
afterAll(() => rm(dirname(template), { recursive: true, force: true }))

/** `test/crash/run.ts` strikes at every point alone; here at so many of them, always the same, some in one repetition. */
const told: readonly (readonly [string, CrashStory, number, object])[] = [
  [
    'a run that is merged',
    merge,
    12,
    {
      phases: ['merged'],
      jobs: [expect.stringMatching(/^AgentOS dry-run /), expect.stringMatching(/^AgentOS execute /)],
      pulls: [{ state: 'closed', draft: false }],
    },
  ],
  [
    'a run in the light lane that is taken back before its merge',
    light,
    6,
    {
      phases: ['closed'],
      jobs: [expect.stringMatching(/^AgentOS dry-run /)],
      pulls: [{ state: 'closed' }],
      branches: ['refs/heads/main'],
    },
  ],
  [
    'a merged run that another one takes back',
    rollback,
    6,
    { phases: ['rolled_back', 'merged'], pulls: [{ state: 'closed' }, { state: 'closed' }] },
  ],
]

describe.each(told)('%s', (_what, story, count, ending) => {
  let ground: Ground
  let undisturbed: Repetition
  beforeAll(async () => {
    ground = { story, template, database: null }
    undisturbed = await repeat(ground)
  }, 5 * MINUTES)

  test('ends so where nobody disturbs it, each of its effects performed once, its evidence valid', () => {
    expect(undisturbed.kills).toBe(0)
    expect(undisturbed.ending).toMatchObject(ending)
    const { phases, evidence, effects } = undisturbed.ending
    expect(evidence).toEqual([phases].flat().map((phase) => `valid ${String(phase)}`))
    expect([effects].flat(2).filter((one) => UNDONE.test(String(one)))).toEqual([])
  })

  test(
    'wherever the server is killed, it starts again and everything ends as if nothing had happened',
    async () => {
      const outcomes = new Map<string, Struck>()
      await inHands(grouped(spread(pointsOf(undisturbed), count), TOGETHER), 2, async (points) => {
        outcomes.set(points.map(nameOf).join('; '), await strike(ground, undisturbed.ending, points))
      })
      expect([...outcomes].filter(([, { is }]) => is !== 'equal')).toEqual([])
      const kills = [...outcomes.values()].reduce((sum, struck) => sum + (struck.is === 'equal' ? struck.kills : 0), 0)
      expect(kills).toBeGreaterThanOrEqual(count - TOGETHER)
    },
    15 * MINUTES,
  )
})
