import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, REPO, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'
import { type MovedClock, movedClock } from '../support/story/moved-clock.ts'

// The real server, people and jobs over HTTP: only the server's clock is moved.

const HOUR_MS = 3_600_000
let dir = ''
let clock: MovedClock
let story: Story
let main = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agentos-deadlines-'))
  clock = await movedClock(dir)
  story = await aStory(clock)
  main = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(async () => {
  await story.close()
  await rm(dir, { recursive: true, force: true })
})

const hoursPass = (hours: number) => clock.passes(hours * HOUR_MS)
const pullOf = (view: Json) => Number(view['pullRequest']?.['number'])
const countOf = (view: Json, type: string) =>
  [...(view['timeline'] ?? [])].filter((event) => String(event['type']) === type).length

async function expectEndedByTime(run: string, sentence: string): Promise<Json> {
  const view = await story.until(run, 'expired')
  const number = pullOf(view)
  expect((await story.pull(number))['state']).toBe('closed')
  expect(await story.head(String(view['pullRequest']?.['branch']))).toBeUndefined()
  expect((await story.comments(number)).filter((text) => text.includes(sentence))).toHaveLength(1)
  expect(countOf(view, 'RunExpired')).toBe(1)
  return view
}

describe('when people stay away', { timeout: 240_000 }, () => {
  let planned = ''

  // Jobs prove who they are with tokens of the true time, so this one runs before the clock is moved.
  beforeAll(async () => {
    planned = (await story.begins('/agentos plan --recipe add-file path=docs/one.txt content=one')).run
    await story.until(planned, 'proposed')
  }, 120_000)

  it('unanswered questions end the run at their deadline, no default is taken, and a late answer is declined', async () => {
    const { run } = await story.begins('/agentos plan --recipe replace-text find=old paths=src/**')
    await story.until(run, 'blocked')
    await hoursPass(167)
    await story.lee.says(pullOf(await story.view(run)), '/agentos status')
    expect((await story.settled(run))['phase']).toBe('blocked')
    await hoursPass(2)
    const view = await expectEndedByTime(run, 'nobody answered')
    await story.lee.says(pullOf(view), '/agentos answer\nq1: new')
    await story.hears(pullOf(view), 'the run is expired')
    const after = await story.settled(run)
    expect(after['phase']).toBe('expired')
    expect(countOf(after, 'AnswersTaken')).toBe(0)
  })

  it('a plan that nobody reviews ends at its deadline, and a late approval starts nothing', async () => {
    const proposed = await story.until(planned, 'proposed')
    const jobs = story.stage.runner.jobs.length
    await hoursPass(168)
    await expectEndedByTime(planned, 'nobody approved')
    await story.lee.does('POST', `${REPO}/pulls/${pullOf(proposed)}/reviews`, {
      event: 'APPROVE',
      commit_id: String(proposed['proposed']?.['commit']),
    })
    const after = await story.settled(planned)
    expect(after['phase']).toBe('expired')
    expect(countOf(after, 'GrantIssued')).toBe(1)
    expect(story.stage.runner.jobs).toHaveLength(jobs)
  })
})

describe('when no runner takes a job', { timeout: 240_000 }, () => {
  it('each Grant is revoked in its time, three are tried, and then the run fails', async () => {
    await story.stage.runner.close()
    const { run } = await story.begins('/agentos plan --recipe add-file path=docs/two.txt content=two')
    for (const jobs of [1, 2, 3]) {
      await story.eventually(`dispatch ${jobs}`, async () => {
        const view = await story.view(run)
        const effects = [...(view['effects'] ?? [])].map((one) => `${String(one['kind'])} ${String(one['status'])}`)
        return effects.filter((one) => one === 'dispatch done').length === jobs || undefined
      })
      await hoursPass(2)
    }
    const view = await story.until(run, 'failed')
    expect(countOf(view, 'GrantIssued')).toBe(3)
    expect(countOf(view, 'GrantRevoked')).toBe(3)
    expect(countOf(view, 'GrantUsed')).toBe(0)
    expect((await story.pull(pullOf(view)))['state']).toBe('closed')
    expect(await story.head(String(view['pullRequest']?.['branch']))).toBeUndefined()
  })

  it('kept every promise', async () => {
    expect(await breaches(story, main)).toEqual([])
    expect(story.faults).toEqual([])
  })
})
