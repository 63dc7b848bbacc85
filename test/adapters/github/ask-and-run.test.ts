import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cancelJobPerformer } from '../../../src/adapters/github/performers/cancel-job.ts'
import { dispatchPerformer } from '../../../src/adapters/github/performers/dispatch.ts'
import { observePerformer } from '../../../src/adapters/github/performers/observe.ts'
import { requestReviewPerformer } from '../../../src/adapters/github/performers/request-review.ts'
import { TryLater, WillNotWork } from '../../../src/app/ports.ts'
import type { EffectBody } from '../../../src/domain/effects.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { documentsOf, toDocument, toWords } from '../../../src/domain/packs/documents.ts'
import { aBranch, aPull, REPO } from '../../demo/a-local-github.ts'
import { aGithubApp, KEY, type SignedInApp } from './a-github-app.ts'

let app: SignedInApp
let branches = 0
beforeAll(async () => {
  app = await aGithubApp()
})
afterAll(() => app.close())

async function aRunsPull(): Promise<{ number: number; branch: string; head: string }> {
  branches += 1
  const branch = `agentos/ask-${branches}`
  const head = await aBranch(app.at, branch)
  return { number: Number((await aPull(app.at, branch, { draft: true }))['number']), branch, head }
}

/** What somebody put on the default branch: content by path. */
async function onMain(path: string, content: string): Promise<string> {
  const known = await app.at.app('GET', `${REPO}/contents/${path}?ref=main`)
  const sha = known.status === 200 ? { sha: known.json['sha'] } : {}
  const body = { message: `Put ${path}`, content: Buffer.from(content).toString('base64'), branch: 'main', ...sha }
  const put = await app.at.as('adm')('PUT', `${REPO}/contents/${path}`, body)
  if (put.status >= 300) throw new Error(put.text)
  return String(put.json['commit']?.['sha'])
}

const wordsOf = (login: string) => toWords({ login, title: '', body: '', text: '', params: {} }, new Uint8Array(32))
const idOf = (login: string) => String(app.at.github.userId(login))

const reviewing = async (number: number, login: string, event: string, more: object = {}) => {
  const review = await app.at.as(login)('POST', `${REPO}/pulls/${number}/reviews`, { event, body: 'b', ...more })
  if (review.status >= 300) throw new Error(review.text)
  return String(review.json['id'])
}

describe('observing', () => {
  const manifest = sha256Hex('manifest')
  const perform = (asked: string[] = []) =>
    observePerformer({
      access: app.access,
      desk: app.desk,
      currentManifest: (_repository, commit) => {
        asked.push(commit)
        return Promise.resolve(manifest)
      },
    })
  const observe = async (
    number: number,
    reviews: readonly { reviewId: string; login: string; userId?: string }[],
    more: Partial<EffectBody<'observe'>> = {},
  ) => {
    const people = [...reviews.map(({ login }) => login), 'ana']
    const words = people.map(wordsOf)
    const body: EffectBody<'observe'> = {
      purpose: 'dispatch',
      number,
      base: app.at.base,
      branch: 'main',
      paths: ['README.md', 'src/'],
      reviews: reviews.map(({ reviewId, login, userId }) => ({
        reviewId,
        userId: userId ?? idOf(login),
        words: wordsOf(login).sha256,
      })),
      requester: { userId: idOf('ana'), words: wordsOf('ana').sha256 },
      requestComment: null,
      ...more,
    }
    return (await perform()(app.intended<'observe'>(body, { documents: documentsOf(words) }))).result
  }

  test('tells head, state, review, roles, base and manifest as they are now', async () => {
    const { number, head } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    const now = await app.desk.branchHead(app.repository, 'main')
    expect(await observe(number, [{ reviewId, login: 'lee' }], { base: now })).toEqual({
      head,
      state: 'open',
      reviews: [{ reviewId, userId: idOf('lee'), state: 'approved', commit: head, role: 'maintain' }],
      requesterRole: 'write',
      baseRef: 'refs/heads/main',
      baseHead: now,
      changedOnBase: [],
      manifest,
    })
  })

  test('names who else requests changes since the approval, until they take it back', async () => {
    const { number } = await aRunsPull()
    await reviewing(number, 'adm', 'REQUEST_CHANGES')
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    const asked = async () => (await observe(number, [{ reviewId, login: 'lee' }])).objections
    expect(await asked()).toBeUndefined()
    const objection = await reviewing(number, 'adm', 'REQUEST_CHANGES')
    await reviewing(number, 'adm', 'COMMENT')
    expect(await asked()).toMatchObject([{ reviewId: objection, by: { id: idOf('adm'), kind: 'User', role: 'admin' } }])
    await reviewing(number, 'adm', 'APPROVE')
    expect(await asked()).toBeUndefined()
  })

  test('sees a role that was lost', async () => {
    const { number } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    app.at.github.setRole('acme', 'demo', 'lee', 'read')
    expect(await observe(number, [{ reviewId, login: 'lee' }])).toMatchObject({ reviews: [{ role: 'read' }] })
    app.at.github.setRole('acme', 'demo', 'lee', 'maintain')
  })

  test.each([
    ['a later comment changes nothing', 'COMMENT', 'approved'],
    ['a later request for changes takes it back', 'REQUEST_CHANGES', 'changes_requested'],
    ['a later approval keeps it', 'APPROVE', 'approved'],
  ])('an approval: %s', async (_what, event, state) => {
    const { number, head } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    await reviewing(number, 'lee', event)
    expect(await observe(number, [{ reviewId, login: 'lee' }])).toMatchObject({ reviews: [{ state, commit: head }] })
  })

  test('another person’s request for changes is no part of this one’s review', async () => {
    const { number } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    await reviewing(number, 'adm', 'REQUEST_CHANGES')
    expect(await observe(number, [{ reviewId, login: 'lee' }])).toMatchObject({ reviews: [{ state: 'approved' }] })
  })

  test('a dismissed approval is dismissed', async () => {
    const { number } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    await app.at.as('adm')('PUT', `${REPO}/pulls/${number}/reviews/${reviewId}/dismissals`, { message: 'no' })
    expect(await observe(number, [{ reviewId, login: 'lee' }])).toMatchObject({ reviews: [{ state: 'dismissed' }] })
  })

  test('a comment does not become an approval by a later one', async () => {
    const { number } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'COMMENT')
    await reviewing(number, 'lee', 'APPROVE')
    expect(await observe(number, [{ reviewId, login: 'lee' }])).toMatchObject({ reviews: [{ state: 'commented' }] })
  })

  test('a review that is not there, or is another person’s, is absent', async () => {
    const { number } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    const reviews = [
      { reviewId: '999', login: 'lee' },
      { reviewId, login: 'adm' },
    ]
    expect(await observe(number, reviews)).toMatchObject({
      reviews: [
        { state: 'absent', commit: null },
        { state: 'absent', commit: null },
      ],
    })
  })

  test('a login that passed to somebody else holds nothing', async () => {
    const { number } = await aRunsPull()
    const reviewId = await reviewing(number, 'lee', 'APPROVE')
    const seen = await observe(number, [{ reviewId, login: 'lee', userId: '987654' }], {
      requester: { userId: '987655', words: wordsOf('ana').sha256 },
    })
    expect(seen).toMatchObject({ reviews: [{ role: 'none' }], requesterRole: 'none' })
  })

  test('sees a closed pull request, a lost branch and a foreign head', async () => {
    const { number, branch } = await aRunsPull()
    await app.at.as('ana')('PATCH', `${REPO}/git/refs/heads/${branch}`, { sha: app.at.base, force: true })
    expect((await observe(number, [])).head).toBe(app.at.base)
    await app.at.as('ana')('PATCH', `${REPO}/pulls/${number}`, { state: 'closed' })
    await app.at.as('ana')('DELETE', `${REPO}/git/refs/heads/${branch}`)
    expect(await observe(number, [])).toMatchObject({ head: null, state: 'closed' })
  })

  test('names what changed on the base, of what the plan is about', async () => {
    const { number } = await aRunsPull()
    await onMain('src/new.txt', 'new\n')
    const baseHead = await onMain('other.txt', 'other\n')
    expect(await observe(number, [])).toMatchObject({ baseHead, changedOnBase: ['src/new.txt'] })
    expect(await observe(number, [], { paths: ['README.md'] })).toMatchObject({ changedOnBase: [] })
  })

  test('takes the manifest from the head of the base', async () => {
    const { number } = await aRunsPull()
    const asked: string[] = []
    const requester = { userId: idOf('ana'), words: wordsOf('ana').sha256 }
    const body = { purpose: 'delivery', number, base: app.at.base, branch: 'main', paths: [], reviews: [] } as const
    const whole: EffectBody<'observe'> = { ...body, paths: [], reviews: [], requester, requestComment: null }
    await perform(asked)(app.intended<'observe'>(whole, { documents: documentsOf([wordsOf('ana')]) }))
    expect(asked).toEqual([await app.desk.branchHead(app.repository, 'main')])
  })

  test('never answers half: a fault while reading reviews ends the attempt', async () => {
    const { number } = await aRunsPull()
    app.at.github.fault(({ path }) => path.includes('/reviews'), { status: 502 }, 1)
    await expect(observe(number, [])).rejects.toBeInstanceOf(TryLater)
  })
})

const request = async (body: Partial<EffectBody<'request-review'>> & { number: number }) => {
  const whole = { base: app.at.base, paths: ['README.md'], approvers: [], not: idOf('ana'), ...body }
  return (await requestReviewPerformer(app.access, app.desk)(app.intended<'request-review'>(whole))).result.requested
}

const requestedOn = async (number: number) => {
  const { json } = await app.at.app('GET', `${REPO}/pulls/${number}/requested_reviewers`)
  return json['users']?.map((user) => String(user['login'])).sort()
}

const isRequest = ({ method, path }: { method: string; path: string }) =>
  method === 'POST' && path.endsWith('/requested_reviewers')

describe('requesting reviews', () => {
  test('asks the policy’s approvers where nobody owns the paths, and never the requester', async () => {
    const { number } = await aRunsPull()
    expect(await request({ number, approvers: ['lee', '@ana', 'nobody-here', 'agentos[bot]'] })).toBe(1)
    expect(await requestedOn(number)).toEqual(['lee'])
  })

  test('never asks whoever wrote the change', async () => {
    const { number } = await aRunsPull()
    expect(await request({ number, approvers: ['lee', 'adm'], nor: idOf('lee') })).toBe(1)
    expect(await requestedOn(number)).toEqual(['adm'])
  })

  test('asks the owners whom the base names, and stays the same when repeated', async () => {
    const base = await onMain('.github/CODEOWNERS', '* @lee\n/src/ @adm @ana\n')
    const { number } = await aRunsPull()
    expect(await request({ number, base, paths: ['src/a.ts'], approvers: ['lee'] })).toBe(1)
    expect(await request({ number, base, paths: ['src/a.ts'], approvers: ['lee'] })).toBe(1)
    expect(await requestedOn(number)).toEqual(['adm'])
  })

  test('asks nobody where there is nobody', async () => {
    const { number } = await aRunsPull()
    app.changes()
    expect(await request({ number })).toBe(0)
    expect(app.changes()).toEqual([])
  })

  test('asks the others when GitHub refuses one', async () => {
    const { number } = await aRunsPull()
    app.at.github.fault(isRequest, { status: 422 }, 2)
    expect(await request({ number, approvers: ['lee', 'adm'] })).toBe(1)
    expect(await requestedOn(number)).toEqual(['adm'])
  })
})

describe('dispatching the job', () => {
  const grant = toDocument({ grant: 'g' })
  const body: EffectBody<'dispatch'> = { grant: grant.sha256, grantId: '0123456789-1', purpose: 'execute' }
  const envelope = toDocument({ signed: grant.sha256 })
  const perform = () =>
    dispatchPerformer(app.access, (sha256, documents) => {
      if (documents(sha256) === undefined) throw new Error('the Grant is not there')
      return envelope
    })
  const intended = () => app.intended<'dispatch'>(body, { documents: documentsOf([grant]) })
  const inputs = '{ grant: { required: true }, effect: { required: true }, mode: { required: true } }'

  test('says what to do when the workflow is not there, or takes other inputs', async () => {
    const advice = /Copy the ten-line file from the AgentOS documentation to the default branch/
    await expect(perform()(intended())).rejects.toThrow(advice)
    app.at.github.fault(({ path }) => path.endsWith('/dispatches'), { status: 404 }, 1)
    const failure = await perform()(intended()).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WillNotWork)
    expect(String(failure)).toMatch(advice)
  })

  test('starts the workflow of the default branch with the Grant’s id and the effect’s key alone', async () => {
    await onMain(
      '.github/workflows/agentos.yml',
      `name: AgentOS\nrun-name: AgentOS \${{ inputs.mode }} \${{ inputs.effect }}\non:\n  workflow_dispatch:\n    inputs: ${inputs}\njobs: {}\n`,
    )
    const started = new Promise((resolve) => app.at.github.onDispatch(resolve))
    const { result, blobs } = await perform()(intended())
    expect(await started).toMatchObject({
      inputs: { grant: '0123456789-1', effect: KEY, mode: 'execute' },
      actorLogin: 'agentos[bot]',
    })
    expect(result.workflowRunId).toMatch(/^\d+$/)
    expect(result.envelope).toBe(envelope.sha256)
    expect(blobs).toEqual([envelope])
  })

  test('waits when GitHub is not well', async () => {
    app.at.github.fault(({ path }) => path.endsWith('/dispatches'), { status: 503 }, 1)
    await expect(perform()(intended())).rejects.toBeInstanceOf(TryLater)
  })

  test('names a run also when the answer to an earlier attempt was lost', async () => {
    app.at.github.fault(({ path }) => path.endsWith('/dispatches'), 'close-after', 1)
    await expect(perform()(intended())).rejects.toBeInstanceOf(TryLater)
    const { result } = await perform()({ ...intended(), attempt: 2 })
    expect(result.workflowRunId).toMatch(/^\d+$/)
  })

  test('a job is cancelled, and one that is over needs none', async () => {
    const { result } = await perform()(intended())
    const cancelled: number[] = []
    app.at.github.onCancel((id) => cancelled.push(id))
    const cancel = cancelJobPerformer(app.access)
    const asked = app.intended<'cancel-job'>({ workflowRunId: result.workflowRunId })
    await cancel(asked)
    await cancel({ ...asked, attempt: 2 })
    await cancel(app.intended<'cancel-job'>({ workflowRunId: '123' }))
    expect(cancelled).toEqual([Number(result.workflowRunId)])
  })
})

test('every request so far is one that GitHub itself describes', () => {
  expect(app.sentWrong()).toEqual([])
})
