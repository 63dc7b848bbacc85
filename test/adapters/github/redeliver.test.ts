import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { githubRedelivery, missedAmong } from '../../../src/adapters/github/redeliver.ts'
import { REPO } from '../../demo/a-local-github.ts'
import { aGithubApp, type SignedInApp } from './a-github-app.ts'

let app: SignedInApp
beforeAll(async () => {
  app = await aGithubApp()
})
afterAll(() => app.close())

test('news that met no server is asked for again, in its order and only until it is taken in', async () => {
  const { github } = app.at
  const redeliver = githubRedelivery(app.probot)
  github.setWebhookUrl(undefined)
  await app.at.as('ana')('POST', `${REPO}/issues`, { title: 'First', body: '' })
  await app.at.as('ana')('POST', `${REPO}/issues/1/comments`, { body: '/agentos plan' })
  await github.webhooksSettled()
  const missed = github.deliveries.map(({ guid }) => guid)
  expect(missed).toHaveLength(2)

  const heard: unknown[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers['x-github-delivery'])
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  github.setWebhookUrl(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`)

  expect(await redeliver()).toBe(2)
  await github.webhooksSettled()
  expect(heard).toEqual(missed)
  expect(await redeliver()).toBe(0)
  expect(app.sentWrong()).toEqual([])
  github.setWebhookUrl(undefined)
  server.close()
})

test('more news than a page holds is read through GitHub’s cursor', async () => {
  const { github } = app.at
  const before = github.deliveries.length
  for (let i = 0; i < 101; i += 1) await app.at.as('ana')('PATCH', `${REPO}/issues/1`, { title: `Title ${i}` })
  await github.webhooksSettled()
  const failed = github.deliveries.slice(before).length
  expect(failed).toBeGreaterThan(100)
  expect(await githubRedelivery(app.probot)()).toBe(100)
  expect(github.requests.filter(({ path }) => path.includes('cursor=v1_')).length).toBeGreaterThan(0)
  expect(app.sentWrong()).toEqual([])
})

const attempt = (id: number, guid: string, status_code: number) => ({ id, guid, status_code })

test.each([
  ['a connection that failed is tried again', [attempt(1, 'a', 0)], [1]],
  ['a server in trouble is tried again', [attempt(1, 'a', 500)], [1]],
  ['a delivery that was refused is let be', [attempt(1, 'a', 400)], []],
  ['a delivery that was kept in the end is let be', [attempt(2, 'a', 200), attempt(1, 'a', 0)], []],
  ['of several failed attempts the newest is repeated', [attempt(2, 'a', 502), attempt(1, 'a', 0)], [2]],
  ['the oldest comes first', [attempt(2, 'b', 0), attempt(1, 'a', 0)], [1, 2]],
])('%s', (_, attempts, expected) => {
  expect(missedAmong(attempts).map(({ id }) => id)).toEqual(expected)
})
