import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, REPO, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'

let story: Story
let main = ''
beforeAll(async () => {
  story = await aStory()
  main = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

type Proposed = { readonly run: string; readonly number: number; readonly branch: string; readonly commit: string }
let files = 0

async function proposed(): Promise<Proposed> {
  files += 1
  const { run } = await story.begins(`/agentos plan --recipe add-file path=docs/file-${files}.txt content=hello`)
  return ofView(await story.until(run, 'proposed'))
}

function ofView(view: Json): Proposed {
  const { pullRequest, proposed: plan } = { pullRequest: view['pullRequest'], proposed: view['proposed'] }
  return {
    run: String(view['run']),
    number: Number(pullRequest?.['number']),
    branch: String(pullRequest?.['branch']),
    commit: String(plan?.['commit']),
  }
}

const typesOf = (view: Json) => [...(view['timeline'] ?? [])].map((event) => String(event['type']))
const jobsFor = (run: string, mode: string) =>
  story.stage.github.requests.filter(
    ({ path, body, status }) =>
      path.endsWith('/dispatches') &&
      status < 300 &&
      JSON.stringify(body).includes(`"${run}-`) &&
      JSON.stringify(body).includes(mode),
  ).length

/** The App's next look at the reviews is put off for a second, so that something can happen before it. */
function holdObservation(number: number): void {
  story.stage.github.fault(
    ({ method, path }) => method === 'GET' && path.startsWith(`${REPO}/pulls/${number}/reviews`),
    { status: 429, headers: { 'retry-after': '3' } },
    1,
  )
}

describe('approvals that do not count', { timeout: 300_000 }, () => {
  it('are those of bots, of readers, of the requester, and those on the opening commit', async () => {
    const one = await proposed()
    const token = story.stage.github.installationToken('acme', 'demo', { pull_requests: 'write', contents: 'read' })
    const answer = await fetch(`${story.stage.github.url}${REPO}/pulls/${one.number}/reviews`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ event: 'APPROVE' }),
    })
    expect(answer.status).toBe(200)
    await story.hears(one.number, 'the review comes from a bot')
    await story.rea.reviews(one.number, 'APPROVE')
    await story.hears(one.number, 'approving needs write, the reviewer has read')
    await story.ana.reviews(one.number, 'APPROVE')
    await story.hears(one.number, 'the requester cannot approve their own request')
    await story.lee.reviews(one.number, 'APPROVE', main)
    await story.hears(one.number, 'the review is on')
    await story.lee.reviews(one.number, 'COMMENT')
    const view = await story.settled(one.run)
    expect(view['phase']).toBe('proposed')
    expect(typesOf(view)).not.toContain('RunApproved')
    expect(jobsFor(one.run, 'execute')).toBe(0)
    await story.lee.says(one.number, '/agentos stop')
    await story.until(one.run, 'cancelled')
  })

  it('are those taken back before the job is started: by changes requested, then a new one goes on', async () => {
    const one = await proposed()
    holdObservation(one.number)
    await story.lee.reviews(one.number, 'APPROVE')
    await story.eventually('the approval', async () =>
      typesOf(await story.view(one.run)).includes('RunApproved') ? true : undefined,
    )
    await story.lee.reviews(one.number, 'REQUEST_CHANGES')
    await story.hears(one.number, '**Approval void**')
    const view = await story.settled(one.run)
    expect(view['phase']).toBe('proposed')
    expect(jobsFor(one.run, 'execute')).toBe(0)
    expect(await story.head(one.branch)).toBe(one.commit)
    await story.lee.reviews(one.number, 'APPROVE')
    await story.until(one.run, 'delivered')
    expect(jobsFor(one.run, 'execute')).toBe(1)
  })

  it('are those that a person dismissed', async () => {
    const one = await proposed()
    holdObservation(one.number)
    const review = await story.lee.reviews(one.number, 'APPROVE')
    await story.eventually('the approval', async () =>
      typesOf(await story.view(one.run)).includes('RunApproved') ? true : undefined,
    )
    const path = `${REPO}/pulls/${one.number}/reviews/${String(review.json['id'])}/dismissals`
    const dismissed = await story.lee.does('PUT', path, { message: 'I looked at the wrong one', event: 'DISMISS' })
    expect(dismissed.status).toBe(200)
    await story.hears(one.number, '**Approval void**')
    expect((await story.settled(one.run))['phase']).toBe('proposed')
    expect(jobsFor(one.run, 'execute')).toBe(0)
    await story.lee.says(one.number, '/agentos stop')
    await story.until(one.run, 'cancelled')
  })

  it('are those of people who lost the right before the job is started', async () => {
    const one = await proposed()
    holdObservation(one.number)
    await story.as('kim').reviews(one.number, 'APPROVE')
    await story.eventually('the approval', async () =>
      typesOf(await story.view(one.run)).includes('RunApproved') ? true : undefined,
    )
    story.stage.github.setRole('acme', 'demo', 'kim', 'read')
    await story.hears(one.number, '**Approval void**')
    expect((await story.settled(one.run))['phase']).toBe('proposed')
    expect(jobsFor(one.run, 'execute')).toBe(0)
    await story.lee.says(one.number, '/agentos stop')
    await story.until(one.run, 'cancelled')
  })
})

describe('somebody else’s hand on what AgentOS wrote', { timeout: 300_000 }, () => {
  it('a push before the approval ends the run, and the pushed commit stays', async () => {
    const one = await proposed()
    const foreign = await story.ana.commits(one.branch, 'sneaky.txt', 'in\n')
    const view = await story.until(one.run, 'refused')
    expect(view['end']).toMatchObject({ rule: 'foreign-push' })
    expect(await story.head(one.branch)).toBe(foreign)
    expect(await story.pull(one.number)).toMatchObject({ state: 'closed' })
    await story.lee.reviews(one.number, 'APPROVE')
    expect(jobsFor(one.run, 'execute')).toBe(0)
  })

  it('a push after the approval ends the run, whatever the job delivers, and nothing is overwritten', async () => {
    const one = await proposed()
    await story.lee.reviews(one.number, 'APPROVE')
    await story.eventually('the execution', async () => (jobsFor(one.run, 'execute') === 1 ? true : undefined))
    const foreign = await story.ana.commits(one.branch, 'sneaky.txt', 'in\n')
    const view = await story.until(one.run, 'refused')
    await story.stage.runner.settled()
    expect(view['end']).toMatchObject({ rule: 'foreign-push' })
    expect(view['delivered']).toBeNull()
    expect(await story.head(one.branch)).toBe(foreign)
    expect(typesOf(await story.settled(one.run))).not.toContain('RunDelivered')
  })

  it('a push between the last look and the commit is never overwritten', async () => {
    const one = await proposed()
    const pushed: { sha?: string } = {}
    story.stage.github.fault(
      ({ method, path, body }) =>
        method === 'POST' && path === `${REPO}/git/commits` && JSON.stringify(body).includes(`AgentOS-Run: ${one.run}`),
      { status: 429, headers: { 'retry-after': '2' } },
      1,
    )
    story.stage.github.onRequest(({ method, path, body, status }) => {
      const isHeld = method === 'POST' && path === `${REPO}/git/commits` && status === 429
      if (isHeld && JSON.stringify(body).includes(`AgentOS-Run: ${one.run}`))
        void story.ana.commits(one.branch, 'sneaky.txt', 'in\n').then((sha) => {
          pushed.sha = sha
        })
    })
    await story.lee.reviews(one.number, 'APPROVE')
    const view = await story.until(one.run, 'refused')
    expect(view['end']).toMatchObject({ rule: 'foreign-push' })
    expect(await story.head(one.branch)).toBe(pushed.sha)
    expect(view['delivered']).toBeNull()
  })

  it('an edited or deleted plan comment is written again, and what binds is the check', async () => {
    const one = await proposed()
    const { json } = await story.lee.does('GET', `${REPO}/issues/${one.number}/comments`)
    const plan = json.find((comment) => String(comment['body']).includes('**Plan `'))
    await story.lee.does('PATCH', `${REPO}/issues/comments/${String(plan?.['id'])}`, { body: 'Nothing to see here' })
    const restored = await story.hears(one.number, 'was edited by someone else')
    expect(restored).toContain('**Plan `')
    const card = await story.eventually('the card', async () => {
      const issue = Number((await story.view(one.run))['issue'])
      const { json: said } = await story.lee.does('GET', `${REPO}/issues/${issue}/comments`)
      return said.find((comment) => String(comment['body']).includes('<!-- agentos:card'))
    })
    await story.lee.does('DELETE', `${REPO}/issues/comments/${String(card['id'])}`)
    await story.hears(one.number, 'was deleted by someone else')
    const issue = Number((await story.view(one.run))['issue'])
    await story.hears(issue, '<!-- agentos:card')
    expect((await story.settled(one.run))['phase']).toBe('proposed')
    const again = await story.checks(one.commit)
    expect(String(again[0]?.['output']?.['summary'])).toContain('Plan hash')
  })

  it('kept every promise', async () => {
    expect(await breaches(story, main)).toEqual([])
  })
})
