import { describe, expect, test } from 'vitest'
import { parseArrival } from '../../../src/adapters/github/arrival.ts'
import { agentosBot, ana, checkRun, issueComment, issues, lee, ping, pullRequest, push, review } from './payloads.ts'

const parse = (event: string, payload: unknown) =>
  parseArrival(event, new TextEncoder().encode(JSON.stringify(payload)))
const SHA = '4c1d9e20000000000000000000000000000000aa'
const repository = {
  id: '501',
  ownerId: '21',
  owner: 'acme',
  name: 'demo',
  defaultBranch: 'main',
  installation: '515151',
}
const isAna = { id: '11', login: 'ana', kind: 'User' }

describe('a comment', () => {
  test('arrives with its words, its author and the issue’s text', () => {
    expect(parse('issue_comment', issueComment())).toEqual({
      is: 'comment',
      repository,
      number: 12,
      onPullRequest: false,
      issue: { title: 'Replace rmdir', body: '', labels: [] },
      comment: { id: '3111222333', body: '/agentos plan', author: isAna },
    })
  })

  test('on a pull request says so', () => {
    const onPull = issueComment({ issue: { ...issueComment().issue, pull_request: { url: '' } } })
    expect(parse('issue_comment', onPull)).toMatchObject({ is: 'comment', onPullRequest: true })
  })

  test('of an App keeps the App as its author', () => {
    const byBot = issueComment({ comment: { ...issueComment().comment, user: agentosBot } })
    expect(parse('issue_comment', byBot)).toMatchObject({ comment: { author: { id: '77', kind: 'Bot' } } })
  })

  test.each(['Mannequin', 'Enterprise', ''])('of the unknown kind "%s" has no more authority than an App', (type) => {
    const strange = issueComment({ comment: { ...issueComment().comment, user: { ...ana, type } } })
    expect(parse('issue_comment', strange)).toMatchObject({ comment: { author: { kind: 'Bot' } } })
  })

  test.each(['edited', 'deleted'])('that was %s is no new comment, and names who did it', (action) => {
    expect(parse('issue_comment', issueComment({ action, sender: lee }))).toEqual({
      is: 'comment-changed',
      repository,
      number: 12,
      what: action,
      comment: { id: '3111222333', author: isAna },
      sender: { id: '12', login: 'lee', kind: 'User' },
    })
  })

  test('without an author is ignored', () => {
    const ghost = issueComment({ comment: { ...issueComment().comment, user: null } })
    expect(parse('issue_comment', ghost)).toMatchObject({ is: 'ignored' })
  })

  test('keeps an id that a double cannot hold', () => {
    const text = JSON.stringify(issueComment()).replace('3111222333', '9007199254740993')
    const arrival = parseArrival('issue_comment', new TextEncoder().encode(text))
    expect(arrival).toMatchObject({ comment: { id: '9007199254740993' } })
  })
})

describe('a review', () => {
  test.each([
    ['approved', 'approved'],
    ['APPROVED', 'approved'],
    ['changes_requested', 'changes_requested'],
    ['commented', 'commented'],
  ])('that is %s arrives with the commit it was given on', (given, state) => {
    expect(parse('pull_request_review', review({}, { state: given }))).toEqual({
      is: 'review',
      repository,
      number: 13,
      review: { id: '8001', state, commit: SHA, body: 'Fine.', author: { id: '12', login: 'lee', kind: 'User' } },
      sender: { id: '12', login: 'lee', kind: 'User' },
    })
  })

  test('that was dismissed is dismissed, whatever its state says', () => {
    expect(parse('pull_request_review', review({ action: 'dismissed', sender: ana }))).toMatchObject({
      review: { state: 'dismissed', author: { login: 'lee' } },
      sender: { login: 'ana' },
    })
  })

  test.each([
    [{ action: 'edited' }, {}],
    [{}, { state: 'pending' }],
    [{}, { user: null }],
  ])('is ignored when it says nothing new (%j %j)', (more, about) => {
    expect(parse('pull_request_review', review(more, about))).toMatchObject({ is: 'ignored' })
  })

  test('may have no commit', () => {
    expect(parse('pull_request_review', review({}, { commit_id: null }))).toMatchObject({ review: { commit: null } })
  })
})

describe('a push', () => {
  test('arrives with the branch and its new head', () => {
    const expected = { is: 'push', repository, branch: 'agentos/12-x', after: SHA, sender: isAna }
    expect(parse('push', push())).toEqual(expected)
  })
  test('that deletes the branch has no new head', () => {
    expect(parse('push', push({ after: '0'.repeat(40) }))).toMatchObject({ is: 'push', after: null })
  })
  test('of a tag is ignored', () => {
    expect(parse('push', push({ ref: 'refs/tags/v1' }))).toMatchObject({ is: 'ignored' })
  })
})

describe('a pull request', () => {
  test.each(['opened', 'reopened', 'synchronize'])('that was %s has a head that may need a check', (action) => {
    expect(parse('pull_request', pullRequest({ action }))).toEqual({
      is: 'pull-request-opened',
      repository,
      number: 13,
      head: SHA,
      headBranch: 'agentos/12-x',
      sender: isAna,
    })
  })
  test('that was merged names the merge commit', () => {
    const merged = pullRequest(
      { action: 'closed' },
      { merged: true, merge_commit_sha: 'c'.repeat(40), state: 'closed' },
    )
    expect(parse('pull_request', merged)).toMatchObject({ is: 'pull-request-closed', mergeCommit: 'c'.repeat(40) })
  })
  test('that was closed names none, even where GitHub had made a trial merge', () => {
    const closed = pullRequest({ action: 'closed' }, { merge_commit_sha: 'c'.repeat(40), state: 'closed' })
    expect(parse('pull_request', closed)).toMatchObject({ is: 'pull-request-closed', mergeCommit: null })
  })
  test('that was labelled is ignored', () => {
    expect(parse('pull_request', pullRequest({ action: 'labeled' }))).toMatchObject({ is: 'ignored' })
  })
})

test.each([
  ['issues', issues()],
  ['check_run', checkRun()],
  ['ping', ping()],
  ['star', {}],
  ['__proto__', {}],
  ['issue_comment', { action: 'created' }],
  ['issue_comment', 'text'],
])('%s is ignored with a reason', (event, payload) => {
  expect(parse(event, payload)).toEqual({ is: 'ignored', because: expect.stringMatching(/.{10}/) })
})

test('bytes that are not JSON are ignored', () => {
  expect(parseArrival('push', new Uint8Array([123, 255]))).toMatchObject({ is: 'ignored' })
})
