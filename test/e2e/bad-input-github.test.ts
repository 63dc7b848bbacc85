import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultKind } from '../../src/demo/github/local-github.ts'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, REPO, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'
import { type MovedClock, movedClock } from '../support/story/moved-clock.ts'
import { performedKeys, visibleKeys } from '../support/story/traces.ts'

let dir = ''
let clock: MovedClock
let story: Story
let main = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agentos-github-down-'))
  clock = await movedClock(dir)
  story = await aStory(clock)
  main = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(async () => {
  await story.close()
  await rm(dir, { recursive: true, force: true })
})

/** Every kind of request by which the App changes something on the way to a delivery, and what decisions are read from. */
const ROUTES: readonly (readonly [string, RegExp])[] = [
  ['POST', /\/issues\/comments\/\d+\/reactions$/],
  ['POST', /\/issues\/\d+\/comments$/],
  ['PATCH', /\/issues\/comments\/\d+$/],
  ['POST', /\/git\/commits$/],
  ['POST', /\/git\/refs$/],
  ['POST', /\/git\/trees$/],
  ['POST', /\/git\/blobs$/],
  ['POST', /\/pulls$/],
  ['POST', /\/check-runs$/],
  ['POST', /\/issues\/\d+\/labels$/],
  ['POST', /\/dispatches$/],
  ['POST', /^\/graphql$/],
  ['GET', /\/pulls\/\d+\/reviews/],
  ['GET', /\/permission$/],
]

/** What GitHub does to the first requests of each kind: a pause, then one of the worse things. */
const PAUSE: FaultKind = { status: 429, headers: { 'retry-after': '1' } }
const WORSE: readonly FaultKind[] = ['close-after', { status: 503 }, 'close-before']

/** No wait between two tries is longer: with each one the next try is due. */
const LONGEST_WAIT_MS = 300_000

const DOWN = 'GitHub is down for this one'

function isApp(path: string): boolean {
  return path.startsWith(REPO) || path === '/graphql'
}

/** The people of the story ask with the same routes: their requests are let through. */
function breakEverythingOnce(): void {
  const people = /"(event|title)":/
  for (const [index, [method, route]] of ROUTES.entries())
    for (const kind of [PAUSE, WORSE[index % WORSE.length] ?? PAUSE])
      story.stage.github.fault(
        (asked) =>
          asked.method === method &&
          isApp(asked.path) &&
          route.test(asked.path.split('?')[0] ?? '') &&
          !JSON.stringify(asked.body ?? {}).includes(DOWN) &&
          !isPerson(asked, people),
        kind,
        1,
      )
}

function isPerson({ method, path, body }: { method: string; path: string; body: unknown }, people: RegExp): boolean {
  const text = JSON.stringify(body ?? {})
  if (method === 'POST' && path.endsWith('/comments')) return text.includes('/agentos plan --recipe')
  return path.endsWith('/issues') || (path.endsWith('/reviews') && method === 'POST' && people.test(text))
}

const pullOf = (view: Json) => Number(view['pullRequest']?.['number'])

describe('a GitHub that answers 429, 503 or nothing', { timeout: 600_000 }, () => {
  it('is asked again, and each effect is seen once', async () => {
    breakEverythingOnce()
    story.stage.github.fault(
      ({ method, path, body }) => method === 'POST' && path === `${REPO}/pulls` && JSON.stringify(body).includes(DOWN),
      { status: 429, headers: { 'retry-after': '1' } },
      1000,
    )
    const down = await story.begins('/agentos plan --recipe add-file path=docs/down.txt content=x', { title: DOWN })
    const begun = []
    for (const name of ['one', 'two', 'three'])
      begun.push(
        await story.begins(`/agentos plan --recipe add-file path=docs/${name}.txt content=${name}`, { title: name }),
      )
    for (const { run } of begun) await story.lee.reviews(pullOf(await story.until(run, 'proposed')), 'APPROVE')
    for (const { run } of begun) {
      const view = await story.until(run, 'delivered')
      const keys = await visibleKeys(story, view)
      expect(performedKeys(view).filter((key) => !keys.includes(key))).toEqual([])
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
      const pull = await story.pull(pullOf(view))
      expect(pull).toMatchObject({ draft: false, commits: 1, head: { sha: view['delivered']?.['commit'] } })
      const effects = [...(view['effects'] ?? [])].filter((effect) => String(effect['kind']) !== 'timer')
      expect(effects.filter((effect) => String(effect['status']) !== 'done')).toEqual([])
      expect(effects.some((effect) => Number(effect['attempts']) > 1)).toBe(true)
    }
    const { json: pulls } = await story.lee.does('GET', `${REPO}/pulls?state=all&per_page=100`)
    expect(new Set(pulls.map((pull) => String(pull['head']?.['ref']))).size).toBe(pulls.length)
    expect(pulls).toHaveLength(3)
    const view = await story.eventually('the run to be given up', async () => {
      const seen = await story.view(down.run)
      if (String(seen['phase']) === 'failed') return seen
      // A leap while a try is under way would let its lease run out, and another hand would try beside it.
      const waits = [...(seen['effects'] ?? [])].some(
        ({ kind, status }) => String(kind) === 'open-pull-request' && String(status) === 'due',
      )
      if (waits) await clock.passes(LONGEST_WAIT_MS)
      return undefined
    })
    expect(view['end']).toMatchObject({ rule: 'effect:open-pull-request' })
    await story.settled(down.run)
    const cards = await story.comments(down.issue)
    expect(cards).toHaveLength(1)
    expect(cards[0]).toContain('**Failed**')
    expect(cards[0]).toContain('tried 8 times')
  })

  it('kept every promise', async () => {
    expect(await breaches(story, main)).toEqual([])
  })
})
