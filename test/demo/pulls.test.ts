import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBranch, aLocalGithub, aPull, REPO, type Setting } from './a-local-github.ts'

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
})
afterAll(() => at.close())

const heardPulls = async () => {
  await at.github.webhooksSettled()
  return at.heard.filter(({ event }) => event === 'pull_request').map(({ payload }) => payload)
}

test('a pull request is also an issue, and shows its files', async () => {
  await aBranch(at, 'one', 'src/new file.ts', 'export {}\n')
  const pull = await aPull(at, 'one')
  const number = String(pull['number'])
  const issue = await at.app('GET', `${REPO}/issues/${number}`)
  expect(issue.json).toMatchObject({ number: pull['number'], pull_request: { merged_at: null } })
  const files = await at.app('GET', `${REPO}/pulls/${number}/files`)
  expect(files.json).toMatchObject([
    { filename: 'src/new file.ts', status: 'added', additions: 1, patch: '@@ -0,0 +1 @@\n+export {}' },
  ])
  expect((await at.app('GET', `${REPO}/pulls/${number}/commits`)).json).toHaveLength(1)
  expect((await at.app('GET', `${REPO}/pulls?head=acme:one&state=open`)).json).toHaveLength(1)
  expect((await at.app('GET', `${REPO}/pulls?head=acme:nobody`)).json).toHaveLength(0)
  expect((await at.app('GET', `${REPO}/commits/${String(pull['head']?.['sha'])}/pulls`)).json).toHaveLength(1)
})

test("labels come into being when they are first put on, and the event is the pull request's", async () => {
  await aBranch(at, 'labelled')
  const number = String((await aPull(at, 'labelled'))['number'])
  const labels = await at.app('POST', `${REPO}/issues/${number}/labels`, { labels: ['agentos:running'] })
  expect(labels.json.map((label) => label['name'])).toEqual(['agentos:running'])
  expect((await heardPulls()).at(-1)).toMatchObject({ action: 'labeled', label: { name: 'agentos:running' } })
  expect((await at.app('DELETE', `${REPO}/issues/${number}/labels/agentos%3Arunning`)).status).toBe(200)
  expect((await at.as('rea')('POST', `${REPO}/issues/${number}/labels`, { labels: ['mine'] })).status).toBe(403)
})

test('opening is refused for an unknown head, a duplicate, no commits and a body too long', async () => {
  const open = (more: object) => at.app('POST', `${REPO}/pulls`, { title: 'T', head: 'one', base: 'main', ...more })
  expect((await open({ head: 'nowhere' })).json['errors']).toEqual([
    { resource: 'PullRequest', field: 'head', code: 'invalid' },
  ])
  expect((await at.app('GET', `${REPO}/git/ref/heads/nowhere`)).status).toBe(404)
  expect((await open({})).json['errors']?.[0]?.['message']).toBe('A pull request already exists for acme:one.')
  expect((await open({ base: 'nowhere' })).status).toBe(422)
  await at.app('POST', `${REPO}/git/refs`, { ref: 'refs/heads/same', sha: at.base })
  expect((await open({ head: 'same' })).json['errors']?.[0]?.['message']).toBe('No commits between main and same')
  await aBranch(at, 'long')
  const long = await open({ head: 'long', body: 'x'.repeat(65_537) })
  expect([long.status, long.json['errors']?.[0]?.['message']]).toEqual([
    422,
    'body is too long (maximum is 65536 characters)',
  ])
  expect((await open({ head: 'long', body: 'x'.repeat(65_536) })).status).toBe(201)
})

test('on the free plan a private repository has no drafts', async () => {
  const free = await aLocalGithub({ privatePlan: 'free' })
  await aBranch(free, 'draft')
  const refused = await free.app('POST', `${REPO}/pulls`, { title: 'T', head: 'draft', base: 'main', draft: true })
  expect([refused.status, refused.json['message']]).toEqual([
    422,
    'Draft pull requests are not supported in this repository.',
  ])
  expect((await free.app('POST', `${REPO}/pulls`, { title: 'T', head: 'draft', base: 'main' })).status).toBe(201)
  await free.close()
  const open = await aLocalGithub({ privatePlan: 'free', private: false })
  await aBranch(open, 'draft')
  expect((await aPull(open, 'draft', { draft: true }))['draft']).toBe(true)
  await open.close()
})

test('a review counts for the commit it names, and nobody approves their own', async () => {
  const first = await aBranch(at, 'reviewed')
  const number = String((await aPull(at, 'reviewed'))['number'])
  const review = (login: string, body: object) => at.as(login)('POST', `${REPO}/pulls/${number}/reviews`, body)
  const approved = await review('lee', { event: 'APPROVE', body: 'fine' })
  expect(approved.json).toMatchObject({ state: 'APPROVED', commit_id: first, user: { login: 'lee' } })
  await at.github.webhooksSettled()
  expect(at.heard.at(-1)).toMatchObject({
    event: 'pull_request_review',
    payload: { action: 'submitted', review: { state: 'approved', commit_id: first } },
  })
  const older = await review('rea', { event: 'COMMENT', body: 'old', commit_id: at.base })
  expect(older.json['commit_id']).toBe(at.base)
  expect((await review('lee', { event: 'APPROVE', commit_id: '4'.repeat(40) })).status).toBe(422)
  const own = await at.app('POST', `${REPO}/pulls/${number}/reviews`, { event: 'APPROVE' })
  expect([own.status, own.json['errors']]).toEqual([422, ['Can not approve your own pull request']])
  const id = String(approved.json['id'])
  const dismissed = await at.as('adm')('PUT', `${REPO}/pulls/${number}/reviews/${id}/dismissals`, { message: 'stale' })
  expect(dismissed.json['state']).toBe('DISMISSED')
  expect(
    (await at.as('rea')('PUT', `${REPO}/pulls/${number}/reviews/${id}/dismissals`, { message: 'no' })).status,
  ).toBe(403)
  const list = await at.app('GET', `${REPO}/pulls/${number}/reviews`)
  expect(list.json.map((one) => one['state'])).toEqual(['DISMISSED', 'COMMENTED'])
  await at.github.webhooksSettled()
  expect(at.heard.at(-1)?.payload).toMatchObject({
    action: 'dismissed',
    review: { state: 'dismissed' },
    sender: { login: 'adm' },
  })
})

test('what a review says beside lines is listed with its place, and only beside files that change', async () => {
  await aBranch(at, 'commented', 'said.txt')
  const number = String((await aPull(at, 'commented'))['number'])
  const review = (path: string) =>
    at.as('lee')('POST', `${REPO}/pulls/${number}/reviews`, {
      event: 'REQUEST_CHANGES',
      body: 'see below',
      comments: [{ path, line: 1, side: 'RIGHT', body: 'louder' }],
    })
  expect((await review('README.md')).status).toBe(422)
  const made = await review('said.txt')
  const list = await at.app('GET', `${REPO}/pulls/${number}/comments`)
  expect([...list.json]).toMatchObject([
    { path: 'said.txt', line: 1, body: 'louder', user: { login: 'lee' }, pull_request_review_id: made.json['id'] },
  ])
})

test('reviewers are requested among collaborators, with 201', async () => {
  await aBranch(at, 'asked')
  const number = String((await aPull(at, 'asked'))['number'])
  const ask = (caller: typeof at.app, login: string) =>
    caller('POST', `${REPO}/pulls/${number}/requested_reviewers`, { reviewers: [login] })
  const asked = await ask(at.app, 'lee')
  expect([asked.status, asked.json['requested_reviewers']?.[0]?.['login']]).toEqual([201, 'lee'])
  expect((await ask(at.app, 'stranger')).status).toBe(422)
  expect((await heardPulls()).at(-1)).toMatchObject({
    action: 'review_requested',
    requested_reviewer: { login: 'lee' },
  })
})

test.each(['squash', 'merge', 'rebase'] as const)('a %s makes a real commit on the base', async (method) => {
  const head = await aBranch(at, `by-${method}`, `${method}.txt`)
  const number = String((await aPull(at, `by-${method}`))['number'])
  const before = (await at.app('GET', `${REPO}/git/ref/heads/main`)).json['object']?.['sha']
  const merged = await at.as('lee')('PUT', `${REPO}/pulls/${number}/merge`, { merge_method: method, sha: head })
  expect(merged.json).toMatchObject({ merged: true })
  const after = (await at.app('GET', `${REPO}/git/ref/heads/main`)).json['object']?.['sha']
  expect(after).toBe(merged.json['sha'])
  const commit = await at.app('GET', `${REPO}/git/commits/${String(after)}`)
  expect(commit.json['parents']?.map((parent) => parent['sha'])).toEqual(method === 'merge' ? [before, head] : [before])
  expect((await at.app('GET', `${REPO}/contents/${method}.txt`)).status).toBe(200)
  const closed = (await heardPulls()).at(-1)
  expect(closed).toMatchObject({
    action: 'closed',
    pull_request: { merged: true, merge_commit_sha: after, state: 'closed' },
  })
  expect((await at.app('GET', `${REPO}/pulls/${number}`)).json).toMatchObject({
    merged: true,
    merged_by: { login: 'lee' },
  })
  expect((await at.app('GET', `${REPO}/pulls/${number}/merge`)).status).toBe(204)
})

test('a squash of one commit keeps its message and trailers', async () => {
  const main = (await at.app('GET', `${REPO}/git/ref/heads/main`)).json['object']?.['sha']
  const tree = (await at.app('GET', `${REPO}/git/commits/${String(main)}`)).json['tree']?.['sha']
  const blob = await at.app('POST', `${REPO}/git/blobs`, { content: 'kept\n' })
  const changed = await at.app('POST', `${REPO}/git/trees`, {
    base_tree: tree,
    tree: [{ path: 'kept.txt', mode: '100644', type: 'blob', sha: blob.json['sha'] }],
  })
  const message = 'Keep it\n\nBecause.\n\nAgentOS-Run: r1'
  const commit = await at.app('POST', `${REPO}/git/commits`, { message, tree: changed.json['sha'], parents: [main] })
  await at.app('POST', `${REPO}/git/refs`, { ref: 'refs/heads/kept', sha: commit.json['sha'] })
  const number = String((await aPull(at, 'kept'))['number'])
  const merged = await at.as('ana')('PUT', `${REPO}/pulls/${number}/merge`, { merge_method: 'squash' })
  const landed = await at.app('GET', `${REPO}/git/commits/${String(merged.json['sha'])}`)
  expect(landed.json['message']).toBe(`Keep it (#${number})\n\nBecause.\n\nAgentOS-Run: r1`)
})

test('a draft, a moved head, a conflict and a reader cannot merge', async () => {
  await aBranch(at, 'draft')
  const draft = String((await aPull(at, 'draft', { draft: true }))['number'])
  expect((await at.as('lee')('PUT', `${REPO}/pulls/${draft}/merge`, {})).status).toBe(405)
  await aBranch(at, 'left', 'same.txt', 'left\n')
  await aBranch(at, 'right', 'same.txt', 'right\n')
  const left = String((await aPull(at, 'left'))['number'])
  const right = String((await aPull(at, 'right'))['number'])
  expect((await at.as('lee')('PUT', `${REPO}/pulls/${left}/merge`, { sha: at.base })).status).toBe(409)
  expect((await at.as('rea')('PUT', `${REPO}/pulls/${left}/merge`, {})).status).toBe(403)
  expect((await at.as('lee')('PUT', `${REPO}/pulls/${left}/merge`, {})).status).toBe(200)
  expect((await at.app('GET', `${REPO}/pulls/${right}`)).json).toMatchObject({
    mergeable: false,
    mergeable_state: 'dirty',
  })
  expect((await at.as('lee')('PUT', `${REPO}/pulls/${right}/merge`, {})).status).toBe(405)
})

test('a pull request closes by hand, by the issue, and when its branch goes', async () => {
  const closings = []
  for (const way of ['pull', 'issue', 'branch']) {
    await aBranch(at, `closing-${way}`)
    const number = String((await aPull(at, `closing-${way}`))['number'])
    if (way === 'pull') await at.app('PATCH', `${REPO}/pulls/${number}`, { state: 'closed' })
    if (way === 'issue') await at.app('PATCH', `${REPO}/issues/${number}`, { state: 'closed' })
    if (way === 'branch') await at.app('DELETE', `${REPO}/git/refs/heads/closing-${way}`)
    const seen = await at.app('GET', `${REPO}/pulls/${number}`)
    expect(seen.json).toMatchObject({ state: 'closed', merged: false })
    closings.push((await heardPulls()).at(-1)?.['action'])
  }
  expect(closings).toEqual(['closed', 'closed', 'closed'])
})

test('an edit tells what was there before, and a body too long is refused', async () => {
  await aBranch(at, 'edited')
  const number = String((await aPull(at, 'edited'))['number'])
  await at.app('PATCH', `${REPO}/pulls/${number}`, { body: 'new' })
  expect((await heardPulls()).at(-1)).toMatchObject({ action: 'edited', changes: { body: { from: 'why' } } })
  expect((await at.app('PATCH', `${REPO}/pulls/${number}`, { body: 'x'.repeat(65_537) })).status).toBe(422)
})

test('every accepted exchange of these tests is one that GitHub itself describes', () => {
  expect(at.faults).toEqual([])
})
