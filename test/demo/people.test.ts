import { afterAll, beforeAll, expect, test } from 'vitest'
import { aLocalGithub, appJwt, REPO, type Setting } from './a-local-github.ts'

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
})
afterAll(() => at.close())

const permission = (login: string) => at.app('GET', `${REPO}/collaborators/${encodeURIComponent(login)}/permission`)

test.each([
  ['rea', 'read', 'read'],
  ['tim', 'read', 'triage'],
  ['ana', 'write', 'write'],
  ['lee', 'write', 'maintain'],
  ['adm', 'admin', 'admin'],
])('%s has permission %s and role %s', async (login, folded, role) => {
  expect((await permission(login)).json).toMatchObject({ permission: folded, role_name: role, user: { login } })
})

test('bots and strangers are not users here, and a lost role is none', async () => {
  expect((await permission('agentos[bot]')).status).toBe(404)
  expect((await permission('stranger')).status).toBe(404)
  at.github.setRole('acme', 'demo', 'tim', 'none')
  expect((await permission('tim')).json).toMatchObject({ permission: 'none', role_name: 'none' })
  expect((await at.as('tim')('GET', REPO)).status).toBe(404)
  at.github.setRole('acme', 'demo', 'tim', 'maintain')
  expect((await permission('tim')).json).toMatchObject({ permission: 'write', role_name: 'maintain' })
})

test('an unknown token, a forged and a foreign JWT are refused', async () => {
  const unknown = await at.with('ghp_nobody')('GET', REPO)
  expect([unknown.status, unknown.json['message']]).toEqual([401, 'Bad credentials'])
  const jwt = await appJwt(at.github)
  expect((await at.with(jwt)('GET', '/app')).json['slug']).toBe('agentos')
  expect((await at.with(`${jwt.slice(0, -4)}AAAA`)('GET', '/app')).status).toBe(401)
  const other = await aLocalGithub()
  expect((await at.with(await appJwt(other.github))('GET', '/app')).status).toBe(401)
  await other.close()
})

test('a narrowed installation token can do no more than it was minted for', async () => {
  const mint = (body: object) =>
    at.jwt('POST', `/app/installations/${at.github.app.installationId}/access_tokens`, body)
  const minted = await mint({ permissions: { contents: 'read' }, repositories: ['demo'] })
  const narrow = at.with(String(minted.json['token']))
  expect((await narrow('GET', `${REPO}/git/ref/heads/main`)).status).toBe(200)
  for (const [path, body] of [
    ['git/blobs', { content: 'x' }],
    ['issues', { title: 'x' }],
    ['check-runs', { name: 'x', head_sha: at.base }],
    ['pulls', { title: 'x', head: 'a', base: 'main' }],
    ['actions/workflows/agentos.yml/dispatches', { ref: 'main' }],
  ] as const) {
    const refused = await narrow('POST', `${REPO}/${path}`, body)
    expect([path, refused.status, refused.json['message']]).toEqual([
      path,
      403,
      'Resource not accessible by integration',
    ])
  }
  expect((await mint({ permissions: { workflows: 'write' } })).status).toBe(422)
  expect((await mint({ permissions: { administration: 'read' } })).status).toBe(422)
  expect((await narrow('DELETE', '/installation/token')).status).toBe(204)
  expect((await narrow('GET', REPO)).status).toBe(401)
})

test('an installation sees its repositories, and others are not found', async () => {
  expect((await at.app('GET', '/installation/repositories')).json).toMatchObject({
    total_count: 1,
    repositories: [{ full_name: 'acme/demo' }],
  })
  expect((await at.jwt('GET', `${REPO}/installation`)).json['id']).toBe(at.github.app.installationId)
  expect((await at.app('GET', '/repos/acme/other')).status).toBe(404)
  expect((await at.app('GET', `${REPO}/merges`)).status).toBe(404)
})

test('a reaction is put once, counted and listed', async () => {
  await at.as('ana')('POST', `${REPO}/issues`, { title: 'T' })
  const comment = await at.as('rea')('POST', `${REPO}/issues/1/comments`, { body: 'hello' })
  const path = `${REPO}/issues/comments/${String(comment.json['id'])}`
  const first = await at.app('POST', `${path}/reactions`, { content: 'eyes' })
  const second = await at.app('POST', `${path}/reactions`, { content: 'eyes' })
  expect([first.status, second.status, second.json['id']]).toEqual([201, 200, first.json['id']])
  expect((await at.app('GET', `${path}/reactions`)).json).toHaveLength(1)
  expect((await at.app('GET', path)).json['reactions']).toMatchObject({ eyes: 1, total_count: 1 })
  expect((await at.app('DELETE', `${path}/reactions/${String(first.json['id'])}`)).status).toBe(204)
  expect((await at.app('POST', `${REPO}/issues/1/reactions`, { content: 'rocket' })).status).toBe(201)
  expect((await at.app('POST', `${REPO}/issues/99/reactions`, { content: 'rocket' })).status).toBe(404)
})

test("comments too long and other people's comments are refused", async () => {
  const long = await at.app('POST', `${REPO}/issues/1/comments`, { body: 'x'.repeat(65_537) })
  expect([long.status, long.json['errors']?.[0]?.['message']]).toEqual([
    422,
    'body is too long (maximum is 65536 characters)',
  ])
  const comment = await at.app('POST', `${REPO}/issues/1/comments`, { body: 'x'.repeat(65_536) })
  expect(comment.status).toBe(201)
  const path = `${REPO}/issues/comments/${String(comment.json['id'])}`
  expect((await at.as('rea')('PATCH', path, { body: 'mine' })).status).toBe(403)
  expect((await at.app('PATCH', path, { body: 'new' })).json['body']).toBe('new')
  expect((await at.app('DELETE', path)).status).toBe(204)
})

test('answers carry limits and an ETag that is honoured', async () => {
  const first = await at.app('GET', `${REPO}/git/ref/heads/main`)
  expect(first.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/)
  const etag = first.headers.get('etag') ?? ''
  const again = await at.app('GET', `${REPO}/git/ref/heads/main`, undefined, { 'if-none-match': etag })
  expect(again.status).toBe(304)
})

test('faults are injected as often as asked: limits, errors, cut connections', async () => {
  const path = `${REPO}/issues`
  const matches = (asked: { method: string; path: string }) => asked.method === 'POST' && asked.path === path
  const post = () => at.app('POST', path, { title: 'Once' })
  at.github.fault(matches, { status: 429, headers: { 'retry-after': '3' } }, 1)
  const limited = await post()
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3'])
  at.github.fault(matches, { status: 502 }, 1)
  expect((await post()).status).toBe(502)
  const count = async () => (await at.app('GET', `${path}?state=all`)).json.length
  const before = await count()
  at.github.fault(matches, 'close-before', 1)
  await expect(post()).rejects.toThrow()
  expect(await count()).toBe(before)
  at.github.fault(matches, 'close-after', 1)
  await expect(post()).rejects.toThrow()
  expect(await count()).toBe(before + 1)
  at.github.fault(matches, 'hang', 1)
  await expect(
    fetch(`${at.github.url}${path}`, { method: 'POST', body: '{}', signal: AbortSignal.timeout(300) }),
  ).rejects.toThrow(/timeout/)
  expect((await post()).status).toBe(201)
  expect(at.github.requests.filter((request) => request.path === path && request.status === 429)).toHaveLength(1)
})

test('every accepted exchange of these tests is one that GitHub itself describes', () => {
  expect(at.faults).toEqual([])
})
