import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBranch, aLocalGithub, aPull, REPO, type Setting } from './a-local-github.ts'

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
})
afterAll(() => at.close())

const create = (more: object) =>
  at.app('POST', `${REPO}/check-runs`, { name: 'agentos/plan', head_sha: at.base, ...more })
const output = { title: 'Plan', summary: 'One step' }
const annotation = { path: 'README.md', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'here' }

test('a check run is created, completed, listed by name, and keeps its external id', async () => {
  const head = await aBranch(at, 'checked')
  const pull = await aPull(at, 'checked')
  const made = await create({ head_sha: head, external_id: 'run/1/2', status: 'in_progress', output })
  expect(made.json).toMatchObject({
    external_id: 'run/1/2',
    app: { slug: 'agentos' },
    status: 'in_progress',
    conclusion: null,
    pull_requests: [{ number: pull['number'] }],
  })
  const done = await at.app('PATCH', `${REPO}/check-runs/${String(made.json['id'])}`, {
    conclusion: 'action_required',
    output: { ...output, annotations: [annotation] },
  })
  expect(done.json).toMatchObject({
    status: 'completed',
    conclusion: 'action_required',
    output: { annotations_count: 1 },
  })
  await create({ head_sha: head, name: 'agentos/review' })
  const list = await at.app('GET', `${REPO}/commits/checked/check-runs?check_name=agentos%2Fplan`)
  expect(list.json).toMatchObject({ total_count: 1, check_runs: [{ id: made.json['id'] }] })
  expect((await at.app('GET', `${REPO}/check-runs/${String(made.json['id'])}/annotations`)).json).toHaveLength(1)
  await at.github.webhooksSettled()
  const actions = at.heard.filter(({ event }) => event === 'check_run').map(({ payload }) => payload['action'])
  expect(actions).toEqual(['created', 'completed', 'created'])
})

test.each([
  ['an unknown head', { head_sha: '5'.repeat(40) }],
  ['completed without a conclusion', { status: 'completed' }],
  ['output without a summary', { output: { title: 'T' } }],
  ['a summary too long', { output: { ...output, summary: 'x'.repeat(65_536) } }],
  ['a text too long', { output: { ...output, text: 'x'.repeat(65_536) } }],
  ['too many annotations', { output: { ...output, annotations: Array.from({ length: 51 }, () => annotation) } }],
  ['four actions', { actions: Array.from({ length: 4 }, () => ({ label: 'l', description: 'd', identifier: 'i' })) }],
])('a check run with %s is refused', async (_, more) => {
  expect((await create(more)).status).toBe(422)
})

test('the longest summary and fifty annotations are accepted', async () => {
  const annotations = Array.from({ length: 50 }, () => annotation)
  expect((await create({ output: { ...output, summary: 'x'.repeat(65_535), annotations } })).status).toBe(201)
})

test('a person cannot write checks, nor an App without the permission', async () => {
  const body = { name: 'agentos/plan', head_sha: at.base }
  expect((await at.as('adm')('POST', `${REPO}/check-runs`, body)).status).toBe(403)
  const job = at.with(at.github.installationToken('acme', 'demo', { contents: 'read' }))
  expect((await job('POST', `${REPO}/check-runs`, body)).status).toBe(403)
})

test('every accepted exchange of these tests is one that GitHub itself describes', () => {
  expect(at.faults).toEqual([])
})
