import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBranch, aLocalGithub, aPull, REPO, type Setting } from './a-local-github.ts'

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
})
afterAll(() => at.close())

test('a comment of a person reaches the App as a webhook', async () => {
  const issue = await at.as('ana')('POST', `${REPO}/issues`, { title: 'Replace rmdir', body: 'please' })
  expect(issue.status).toBe(201)
  const comment = await at.as('ana')('POST', `${REPO}/issues/1/comments`, { body: '/agentos plan' })
  expect(comment.status).toBe(201)
  await at.github.webhooksSettled()
  expect(at.heard.map(({ event, payload }) => `${event}.${String(payload['action'])}`)).toEqual([
    'issues.opened',
    'issue_comment.created',
  ])
})

test('the whole way: branch, pull request, check, review, updateRefs, dispatch', async () => {
  const head = await aBranch(at, 'agentos/1')
  const pull = await aPull(at, 'agentos/1', { draft: true })
  expect(pull['head']?.['sha']).toBe(head)
  const check = await at.app('POST', `${REPO}/check-runs`, {
    name: 'agentos/plan',
    head_sha: head,
    status: 'in_progress',
  })
  expect(check.text).toContain('"id"')
  expect(check.status).toBe(201)
  const review = await at.as('lee')('POST', `${REPO}/pulls/${String(pull['number'])}/reviews`, { event: 'APPROVE' })
  expect(review.json['state']).toBe('APPROVED')
  const ran = new Promise((resolve) => at.github.onDispatch(resolve))
  const dispatched = await at.app('POST', `${REPO}/actions/workflows/agentos.yml/dispatches`, {
    ref: 'main',
    inputs: { grant: 'g1' },
    return_run_details: true,
  })
  expect(dispatched.text).toContain('workflow_run_id')
  expect(await ran).toMatchObject({ inputs: { grant: 'g1' }, actorLogin: 'agentos[bot]' })
})

test('every exchange so far is one that GitHub itself describes', () => {
  expect(at.faults).toEqual([])
})
