import { validate } from '@octokit/graphql-schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dispatch } from '../../src/demo/github/local-github.ts'
import { aBranch, aLocalGithub, aPull, REPO, type Setting } from './a-local-github.ts'

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
})
afterAll(() => at.close())

const dispatch = (workflow: string, body: object) =>
  at.app('POST', `${REPO}/actions/workflows/${workflow}/dispatches`, body)
const ZERO = '0'.repeat(40)

test('a dispatch gives a run that starts, finishes and is announced', async () => {
  const told = new Promise<Dispatch>((resolve) => at.github.onDispatch(resolve))
  const answer = await dispatch('agentos.yml', { ref: 'main', inputs: { grant: 'g' }, return_run_details: true })
  const id = Number(answer.json['workflow_run_id'])
  expect(answer.status).toBe(200)
  expect(await told).toMatchObject({
    workflowRunId: id,
    workflow: '.github/workflows/agentos.yml',
    ref: 'refs/heads/main',
    inputs: { grant: 'g' },
    actorId: at.github.app.botUserId,
    owner: 'acme',
    repo: 'demo',
  })
  const status = async () => (await at.app('GET', `${REPO}/actions/runs/${id}`)).json
  expect(await status()).toMatchObject({
    status: 'queued',
    conclusion: null,
    event: 'workflow_dispatch',
    head_sha: at.base,
    run_attempt: 1,
  })
  at.github.startRun(id)
  at.github.finishRun(id, 'success')
  expect(await status()).toMatchObject({ status: 'completed', conclusion: 'success' })
  await at.github.webhooksSettled()
  expect(at.heard.filter(({ event }) => event === 'workflow_run').map(({ payload }) => payload['action'])).toEqual([
    'requested',
    'in_progress',
    'completed',
  ])
})

test('without run details the answer is 204, and a run can be cancelled once', async () => {
  const cancelled = new Promise<number>((resolve) => at.github.onCancel(resolve))
  expect((await dispatch('agentos.yml', { ref: 'main' })).status).toBe(204)
  const runs = await at.app('GET', `${REPO}/actions/workflows/agentos.yml/runs?status=queued`)
  const id = Number(runs.json['workflow_runs']?.[0]?.['id'])
  expect((await at.app('POST', `${REPO}/actions/runs/${id}/cancel`)).status).toBe(202)
  expect(await cancelled).toBe(id)
  expect((await at.app('POST', `${REPO}/actions/runs/${id}/cancel`)).status).toBe(409)
})

test('a dispatch of what cannot be dispatched is refused', async () => {
  expect((await dispatch('absent.yml', { ref: 'main' })).status).toBe(404)
  expect((await dispatch('ci.yml', { ref: 'main' })).status).toBe(422)
  expect((await dispatch('agentos.yml', { ref: 'nowhere' })).status).toBe(422)
  expect((await dispatch('agentos.yml', { ref: 'main', inputs: { other: 'x' } })).status).toBe(422)
  const many = Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`i${at}`, 'x']))
  expect((await dispatch('agentos.yml', { ref: 'main', inputs: many })).status).toBe(422)
  const body = { ref: 'main', inputs: {} }
  expect((await at.as('tim')('POST', `${REPO}/actions/workflows/agentos.yml/dispatches`, body)).status).toBe(403)
  expect((await at.app('GET', `${REPO}/actions/workflows`)).json['total_count']).toBe(2)
})

const REPOSITORY = 'query ($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }'
const UPDATE = 'mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }'
const READY =
  'mutation ($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }'
const DRAFT =
  'mutation ($id: ID!) { convertPullRequestToDraft(input: { pullRequestId: $id }) { pullRequest { id number isDraft headRefOid } } }'

const graphql = (query: string, variables: object, as = at.app) => as('POST', '/graphql', { query, variables })

const updateRefs = async (...refUpdates: object[]) => {
  const repository = await graphql(REPOSITORY, { owner: 'acme', name: 'demo' })
  const repositoryId = repository.json['data']?.['repository']?.['id']
  return graphql(UPDATE, { input: { repositoryId, refUpdates } })
}

test("the queries of these tests are valid against GitHub's own schema", () => {
  expect([REPOSITORY, UPDATE, READY, DRAFT].flatMap((query) => validate(query))).toEqual([])
})

test('updateRefs moves a ref only from where it is believed to be, and tells of it', async () => {
  const first = await aBranch(at, 'cas')
  const second = await aBranch(at, 'cas-next', 'other.txt')
  await aPull(at, 'cas')
  const head = async () => (await at.app('GET', `${REPO}/git/ref/heads/cas`)).json['object']?.['sha']
  const stale = await updateRefs({ name: 'refs/heads/cas', beforeOid: at.base, afterOid: second, force: true })
  expect([stale.status, stale.json['data']?.['updateRefs'], stale.json['errors']?.length]).toEqual([200, null, 1])
  expect(await head()).toBe(first)
  const sideways = await updateRefs({ name: 'refs/heads/cas', beforeOid: first, afterOid: second })
  expect(sideways.json['errors']?.[0]?.['message']).toContain('not a fast-forward')
  at.heard.length = 0
  const moved = await updateRefs({ name: 'refs/heads/cas', beforeOid: first, afterOid: second, force: true })
  expect(moved.json['errors']).toBeUndefined()
  expect(await head()).toBe(second)
  await at.github.webhooksSettled()
  expect(at.heard.map(({ event, payload }) => [event, payload['action']])).toEqual([
    ['push', undefined],
    ['pull_request', 'synchronize'],
  ])
  expect(at.heard[0]?.payload).toMatchObject({ before: first, after: second, forced: true })
})

test('updateRefs creates and deletes with forty zeros, and does all or nothing', async () => {
  const sha = await aBranch(at, 'there')
  const both = await updateRefs(
    { name: 'refs/heads/new-one', beforeOid: ZERO, afterOid: sha },
    { name: 'refs/heads/there', beforeOid: at.base, afterOid: sha },
  )
  expect(both.json['errors']).toHaveLength(1)
  expect((await at.app('GET', `${REPO}/git/ref/heads/new-one`)).status).toBe(404)
  expect(
    (await updateRefs({ name: 'refs/heads/new-one', beforeOid: ZERO, afterOid: sha })).json['errors'],
  ).toBeUndefined()
  expect(
    (await updateRefs({ name: 'refs/heads/new-one', beforeOid: ZERO, afterOid: sha })).json['errors'],
  ).toHaveLength(1)
  expect(
    (await updateRefs({ name: 'refs/heads/new-one', beforeOid: sha, afterOid: ZERO })).json['errors'],
  ).toBeUndefined()
  expect((await at.app('GET', `${REPO}/git/ref/heads/new-one`)).status).toBe(404)
})

test('a draft becomes ready and a draft again, with events', async () => {
  await aBranch(at, 'drafted')
  const pull = await aPull(at, 'drafted', { draft: true })
  const ready = await graphql(READY, { id: pull['node_id'] })
  expect(ready.json).toEqual({ data: { markPullRequestReadyForReview: { pullRequest: { isDraft: false } } } })
  const draft = await graphql(DRAFT, { id: pull['node_id'] })
  expect(draft.json['data']?.['convertPullRequestToDraft']?.['pullRequest']).toMatchObject({
    isDraft: true,
    number: pull['number'],
  })
  await at.github.webhooksSettled()
  expect(at.heard.slice(-2).map(({ payload }) => payload['action'])).toEqual(['ready_for_review', 'converted_to_draft'])
  const refused = await graphql(READY, { id: pull['node_id'] }, at.as('rea'))
  expect(refused.json['errors']?.[0]?.['type']).toBe('FORBIDDEN')
})

test('what does not exist is an error, not a guess', async () => {
  expect((await graphql('query { nothing { id } }', {})).json['errors']).toHaveLength(1)
  expect((await graphql(REPOSITORY, { owner: 'acme', name: 'other' })).json['errors']?.[0]?.['type']).toBe('NOT_FOUND')
  expect((await graphql('query { viewer { shoeSize } }', {})).json['errors']).toHaveLength(1)
  expect((await graphql('query { viewer { login ', {})).status).toBe(400)
})

test('every accepted REST exchange of these tests is one that GitHub itself describes', () => {
  expect(at.faults.filter(({ operation }) => operation !== 'graphql')).toEqual([])
})
