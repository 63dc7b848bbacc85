import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBranch, aLocalGithub, aPull, REPO, type Setting } from './a-local-github.ts'

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
})
afterAll(() => at.close())

test('a delivery is signed, has a GUID, and says whose installation and repository it is about', async () => {
  await at.as('ana')('POST', `${REPO}/issues`, { title: 'T' })
  await at.github.webhooksSettled()
  const [heard] = at.heard
  const signature = `sha256=${createHmac('sha256', 's3cret')
    .update(heard?.raw ?? '')
    .digest('hex')}`
  expect(heard?.headers).toMatchObject({
    'x-hub-signature-256': signature,
    'x-github-event': 'issues',
    'x-github-delivery': expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/),
    'x-github-hook-id': expect.stringMatching(/^\d+$/),
    'x-github-hook-installation-target-id': String(at.github.app.id),
    'x-github-hook-installation-target-type': 'integration',
  })
  const repo = await at.app('GET', REPO)
  expect(heard?.payload).toMatchObject({
    action: 'opened',
    installation: { id: at.github.app.installationId },
    repository: {
      id: repo.json['id'],
      full_name: 'acme/demo',
      default_branch: 'main',
      private: true,
      owner: { login: 'acme', id: repo.json['owner']?.['id'] },
    },
    sender: { login: 'ana', id: at.github.userId('ana'), type: 'User' },
  })
})

test('comments are created, edited and deleted; on a pull request the issue says so', async () => {
  await aBranch(at, 'talk')
  const number = String((await aPull(at, 'talk'))['number'])
  const comment = await at.app('POST', `${REPO}/issues/${number}/comments`, { body: 'one' })
  const path = `${REPO}/issues/comments/${String(comment.json['id'])}`
  await at.app('PATCH', path, { body: 'two' })
  await at.app('DELETE', path)
  await at.github.webhooksSettled()
  const talk = at.heard.filter(({ event }) => event === 'issue_comment').map(({ payload }) => payload)
  expect(talk).toMatchObject([
    { action: 'created', issue: { pull_request: {} }, sender: { login: 'agentos[bot]', type: 'Bot' } },
    { action: 'edited', changes: { body: { from: 'one' } }, comment: { body: 'two' } },
    { action: 'deleted' },
  ])
})

test('a new branch is announced as created and pushed, before what follows from it', async () => {
  at.heard.length = 0
  const sha = await aBranch(at, 'fresh')
  await at.app('DELETE', `${REPO}/git/refs/heads/fresh`)
  await at.github.webhooksSettled()
  expect(at.heard.map(({ event }) => event)).toEqual(['create', 'push', 'delete', 'push'])
  const [, made, , gone] = at.heard.map(({ payload }) => payload)
  expect(made).toMatchObject({
    ref: 'refs/heads/fresh',
    before: '0'.repeat(40),
    after: sha,
    created: true,
    deleted: false,
    commits: [{ id: sha, modified: ['README.md'] }],
  })
  expect(gone).toMatchObject({ after: '0'.repeat(40), before: sha, deleted: true, head_commit: null })
})

test('a failed delivery is recorded, listed and delivered again with its GUID', async () => {
  at.github.setWebhookUrl('http://127.0.0.1:9/nobody')
  await at.as('ana')('POST', `${REPO}/issues`, { title: 'Unheard' })
  await at.github.webhooksSettled()
  const failed = at.github.deliveries.at(-1)
  expect(failed).toMatchObject({ event: 'issues', action: 'opened', statusCode: null })
  const listed = await at.jwt('GET', '/app/hook/deliveries?per_page=1')
  expect(listed.json).toMatchObject([{ id: failed?.id, guid: failed?.guid, status_code: 0 }])
  expect((await at.app('GET', '/app/hook/deliveries')).status).toBe(401)
  at.github.setWebhookUrl(undefined)
  expect((await at.jwt('POST', `/app/hook/deliveries/${failed?.id ?? 0}/attempts`)).status).toBe(202)
  await at.github.webhooksSettled()
  expect(at.github.deliveries.at(-1)).toMatchObject({ guid: failed?.guid, redelivery: true })
})

test('every accepted exchange of these tests is one that GitHub itself describes', () => {
  expect(at.faults).toEqual([])
})
