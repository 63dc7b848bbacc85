import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPullRequestPerformer } from '../../../src/adapters/github/performers/open-pull-request.ts'
import { reviewsNow } from '../../../src/adapters/github/reviews-now.ts'
import { type Approved, compareReviews, GithubSilent } from '../../../src/app/evidence/review-record.ts'
import { git, REPO } from '../../demo/a-local-github.ts'
import { aGithubApp, RUN, type SignedInApp } from './a-github-app.ts'

let app: SignedInApp
let number = 0
let commit = ''
const reviews = new Map<string, string>()
const ids = new Map<string, string>()

beforeAll(async () => {
  app = await aGithubApp()
  const tree = await git(app.at.source, 'rev-parse', 'HEAD^{tree}')
  const base = { ref: 'main', sha: app.at.base, tree }
  const body = { branch: 'agentos/12-run', base, message: 'Begin', title: 'Replace', body: 'Requested in #12.' }
  const { result } = await openPullRequestPerformer(app.access)(app.intended<'open-pull-request'>(body))
  number = result.number
  commit = result.head
  for (const [login, event] of [
    ['lee', 'APPROVE'],
    ['ana', 'APPROVE'],
    ['rea', 'COMMENT'],
  ] as const) {
    const said = await app.at.as(login)('POST', `${REPO}/pulls/${number}/reviews`, { event, body: 'Read.' })
    reviews.set(login, String(said.json['id']))
    ids.set(login, String(said.json['user']?.['id']))
  }
  const dismissal = { message: 'Not any more' }
  await app.at.as('lee')('PUT', `${REPO}/pulls/${number}/reviews/${reviews.get('ana')}/dismissals`, dismissal)
})
afterAll(() => app.close())

const record = (token: string | null = app.at.github.token('lee'), url = app.at.github.url) =>
  reviewsNow({ url, token })

function approved(login: string, more: Partial<Approved['reviews'][number]> = {}): Approved {
  const review = { id: reviews.get(login) ?? '', userId: ids.get(login) ?? '', commit, ...more }
  return { run: RUN, repository: { id: app.repository.id, owner: 'acme', name: 'demo' }, number, reviews: [review] }
}

describe('an approval of the evidence beside GitHub’s own record', () => {
  test('matches where review, author, commit and state are the same', async () => {
    expect(await compareReviews(approved('lee'), record())).toEqual([{ review: reviews.get('lee'), is: 'matches' }])
  })

  test('is gone where GitHub knows no such review', async () => {
    expect(await compareReviews(approved('lee', { id: '999999' }), record())).toEqual([
      { review: '999999', is: 'gone' },
    ])
  })

  test.each([
    ['another author', () => approved('lee', { userId: '1' }), /its author is \d+, the evidence says 1/],
    ['another commit', () => approved('lee', { commit: 'a'.repeat(40) }), /its commit is/],
    ['a comment that approved nothing', () => approved('rea'), /its state is COMMENTED, the evidence says APPROVED/],
    ['a dismissal since', () => approved('ana'), /its state is DISMISSED/],
  ])('differs for %s', async (_what, said, because) => {
    expect(await compareReviews(said(), record())).toEqual([
      { review: expect.any(String), is: 'differs', because: expect.stringMatching(because) },
    ])
  })

  test('of another repository under the same name is not compared', async () => {
    const other = { ...approved('lee'), repository: { id: '7', owner: 'acme', name: 'demo' } }
    await expect(compareReviews(other, record())).rejects.toThrow(/is another repository by now/)
  })

  test('is not compared where GitHub does not show it or cannot be reached', async () => {
    await expect(compareReviews(approved('lee'), record(null))).rejects.toThrow(/GitHub does not show/)
    await expect(compareReviews(approved('lee'), record('x', 'http://127.0.0.1:1'))).rejects.toBeInstanceOf(
      GithubSilent,
    )
    app.at.github.fault(({ path }) => path.includes('/reviews'), { status: 502 }, 1)
    await expect(compareReviews(approved('lee'), record())).rejects.toThrow(/answered 502/)
  })
})
