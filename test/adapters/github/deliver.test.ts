import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closePerformer } from '../../../src/adapters/github/performers/close.ts'
import { commitPerformer } from '../../../src/adapters/github/performers/commit.ts'
import { openPullRequestPerformer } from '../../../src/adapters/github/performers/open-pull-request.ts'
import { readyPerformer } from '../../../src/adapters/github/performers/ready.ts'
import { TryLater, WillNotWork } from '../../../src/app/ports.ts'
import type { EffectBody } from '../../../src/domain/effects.ts'
import { applyEdits, blobId } from '../../../src/domain/git-objects.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { documentsOf, readDocument } from '../../../src/domain/packs/documents.ts'
import type { Edit } from '../../../src/domain/patch/edit.ts'
import { diffSha256 } from '../../../src/domain/patch/raw-diff.ts'
import { CommitMessage } from '../../../src/domain/run/decide/commit.ts'
import { trailersIn } from '../../../src/domain/run/trailers.ts'
import { git, REPO } from '../../demo/a-local-github.ts'
import { aGithubApp, KEY, RUN, type SignedInApp } from './a-github-app.ts'

let app: SignedInApp
let baseTree: string
let branches = 0
beforeAll(async () => {
  app = await aGithubApp()
  baseTree = await git(app.at.source, 'rev-parse', 'HEAD^{tree}')
})
afterAll(() => app.close())

const openBody = (more: Partial<EffectBody<'open-pull-request'>> = {}): EffectBody<'open-pull-request'> => {
  branches += 1
  return {
    branch: `agentos/12-run-${branches}`,
    base: { ref: 'main', sha: app.at.base, tree: baseTree },
    message: `Begin run ${branches}\n\n\nskip-checks: true`,
    title: 'Replace rmdir',
    body: 'Requested in #12.',
    ...more,
  }
}
const pullsOf = async (branch: string) => (await app.at.app('GET', `${REPO}/pulls?state=all&head=acme:${branch}`)).json
const headOf = async (branch: string) =>
  (await app.at.app('GET', `${REPO}/git/ref/heads/${branch}`)).json['object']?.['sha']
const commitAt = async (sha: string) => (await app.at.app('GET', `${REPO}/git/commits/${sha}`)).json

describe('opening the pull request', () => {
  test('makes the branch, one empty commit that GitHub signs, and a draft', async () => {
    const body = openBody()
    const { result } = await openPullRequestPerformer(app.access)(app.intended<'open-pull-request'>(body))
    expect(result).toMatchObject({ draft: true, branch: body.branch, head: await headOf(body.branch) })
    expect(await commitAt(result.head)).toMatchObject({
      message: body.message,
      tree: { sha: baseTree },
      parents: [{ sha: app.at.base }],
      verification: { verified: true },
    })
    expect(await pullsOf(body.branch)).toMatchObject([
      {
        number: result.number,
        node_id: result.nodeId,
        draft: true,
        body: `Requested in #12.\n\n<!-- agentos:effect=${KEY} -->`,
      },
    ])
  })

  test.each(['/git/commits', '/git/refs', '/pulls'])(
    'makes one of each when the answer to %s was lost',
    async (path) => {
      const perform = openPullRequestPerformer(app.access)
      const intended = app.intended<'open-pull-request'>(openBody())
      app.at.github.fault((asked) => asked.method === 'POST' && asked.path === `${REPO}${path}`, 'close-after', 1)
      await expect(perform(intended)).rejects.toBeInstanceOf(TryLater)
      const { result } = await perform({ ...intended, attempt: 2 })
      expect(await pullsOf(intended.body.branch)).toMatchObject([{ number: result.number, head: { sha: result.head } }])
    },
  )

  test('does not take over a branch that is not of this run', async () => {
    const body = openBody()
    await app.at.app('POST', `${REPO}/git/refs`, { ref: `refs/heads/${body.branch}`, sha: app.at.base })
    const opening = openPullRequestPerformer(app.access)(app.intended<'open-pull-request'>(body))
    await expect(opening).rejects.toBeInstanceOf(WillNotWork)
    expect(await pullsOf(body.branch)).toEqual([])
  })

  test('falls back to an ordinary pull request where there are no drafts, and is made ready by its title', async () => {
    const free = await aGithubApp({ privatePlan: 'free' })
    try {
      const body = { ...openBody(), base: { ref: 'main', sha: free.at.base, tree: baseTree } }
      const { result } = await openPullRequestPerformer(free.access)(free.intended<'open-pull-request'>(body))
      const title = async () => (await free.at.app('GET', `${REPO}/pulls/${result.number}`)).json['title']
      expect(result.draft).toBe(false)
      expect(await title()).toBe('[not ready] Replace rmdir')
      const ready = readyPerformer(free.access)
      await ready(free.intended<'ready'>({ nodeId: result.nodeId, number: result.number }))
      await ready(free.intended<'ready'>({ nodeId: result.nodeId, number: result.number }, { attempt: 2 }))
      expect(await title()).toBe('Replace rmdir')
    } finally {
      await free.close()
    }
  })
})

const PROGRAM = new TextEncoder().encode('#!/bin/sh\n')

/** One edit of each sort: changed, added as a program, deleted. No two commits have the same tree. */
async function aCommit(more: Partial<EffectBody<'commit'>> = {}) {
  const opened = await openPullRequestPerformer(app.access)(app.intended<'open-pull-request'>(openBody()))
  const changed = new TextEncoder().encode(`# demo ${branches}\n`)
  const entries = await app.desk.reader(app.repository).entries(app.at.base)
  const before = (path: string) => {
    const entry = entries.find((one) => one.path === path)
    return entry === undefined ? null : { mode: entry.mode, blob: entry.blob }
  }
  const edits: Edit[] = [
    { path: 'README.md', before: before('README.md'), after: { mode: '100644', blob: blobId(changed) } },
    { path: 'bin/new.sh', before: null, after: { mode: '100755', blob: blobId(PROGRAM) } },
    { path: 'logo.bin', before: before('logo.bin'), after: null },
  ]
  const applied = applyEdits(entries, edits)
  if (!applied.ok) throw new Error(applied.refusal.because)
  const blobs = [changed, PROGRAM].map((bytes) => ({ sha256: sha256Hex(bytes), bytes }))
  const body: EffectBody<'commit'> = {
    purpose: 'delivery',
    parent: app.at.base,
    baseTree,
    edits,
    contents: blobs.map(({ sha256, bytes }) => ({ blob: blobId(bytes), sha256, bytes: bytes.length })),
    tree: applied.value.treeId,
    subject: 'Replace rmdir with rm',
    body: 'As planned.',
    trailers: [
      { name: 'AgentOS-Run', value: RUN },
      { name: 'Requested-by', value: '@ana' },
    ],
    skipChecks: false,
    ref: opened.result.branch,
    from: opened.result.head,
    ...more,
  }
  return app.intended<'commit'>(body, { documents: documentsOf(blobs) })
}
const committing = () => commitPerformer(app.access, app.desk)

describe('the commit', () => {
  test('lands the exact tree, signed by GitHub, with every trailer, in place of what the branch held', async () => {
    const intended = await aCommit()
    const { result, blobs } = await committing()(intended)
    const documents = documentsOf(blobs)
    if (result.is !== 'committed') throw new Error(JSON.stringify(result))
    expect(result).toMatchObject({
      tree: intended.body.tree,
      verified: true,
      diffSha256: diffSha256(intended.body.edits),
    })
    expect(await headOf(intended.body.ref)).toBe(result.commit)
    expect(await commitAt(result.commit)).toMatchObject({ parents: [{ sha: app.at.base }], tree: { sha: result.tree } })
    const { message } = readDocument(documents, result.message, CommitMessage)
    expect(message).toBe(
      `Replace rmdir with rm\n\nAs planned.\n\n\nAgentOS-Run: ${RUN}\nAgentOS-Step: ${KEY}\nAgentOS-Ledger: 7@${sha256Hex('event')}\nRequested-by: @ana`,
    )
    expect(trailersIn(message).map(({ name }) => name)).toEqual([
      'AgentOS-Run',
      'AgentOS-Step',
      'AgentOS-Ledger',
      'Requested-by',
    ])
  })

  test('names no author, so that GitHub signs it', async () => {
    const since = app.at.github.requests.length
    await committing()(await aCommit())
    const made = app.at.github.requests
      .slice(since)
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/git/commits'))
    expect(made.length).toBeGreaterThan(0)
    for (const { body } of made) expect(Object.keys(Object(body)).sort()).toEqual(['message', 'parents', 'tree'])
  })

  test('stores the blobs and the tree once: the delivery commit reuses those of the plan commit', async () => {
    const plan = await aCommit({ skipChecks: true, purpose: 'plan', subject: 'Plan it' })
    const planned = await committing()(plan)
    if (planned.result.is !== 'committed') throw new Error(JSON.stringify(planned.result))
    const { message } = readDocument(documentsOf(planned.blobs), planned.result.message, CommitMessage)
    expect(message.endsWith('\nRequested-by: @ana\nskip-checks: true')).toBe(true)
    app.changes()
    const body = { ...plan.body, skipChecks: false, purpose: 'delivery', from: planned.result.commit } as const
    const delivered = await committing()({ ...plan, body, key: `${RUN}/9/1` })
    expect(delivered.result).toMatchObject({ is: 'committed', tree: plan.body.tree })
    expect(app.changes()).toEqual([`POST ${REPO}/git/commits`, 'POST /graphql'])
    expect(await headOf(plan.body.ref)).toBe(delivered.result.is === 'committed' ? delivered.result.commit : '')
  })

  test.each([
    ['a blob', ({ path }: { path: string }) => path.endsWith('/git/blobs')],
    [
      'the tree',
      ({ path, method }: { path: string; method: string }) => method === 'POST' && path.endsWith('/git/trees'),
    ],
    [
      'the commit',
      ({ path, method }: { path: string; method: string }) => method === 'POST' && path.endsWith('/git/commits'),
    ],
    ['the move of the branch', ({ path }: { path: string }) => path === '/graphql'],
    [
      'the reading back',
      ({ path, method }: { path: string; method: string }) => method === 'GET' && path.includes('/git/commits/'),
    ],
  ])('is made once when the answer to %s was lost', async (_what, match) => {
    const intended = await aCommit()
    app.at.github.fault(match, 'close-after', 1)
    await expect(committing()(intended)).rejects.toBeInstanceOf(TryLater)
    const { result } = await committing()({ ...intended, attempt: 2 })
    expect(result).toMatchObject({ is: 'committed', tree: intended.body.tree, commit: await headOf(intended.body.ref) })
    const { result: again } = await committing()({ ...intended, attempt: 3 })
    expect(again).toEqual(result)
  })

  test('is not put over what somebody else pushed', async () => {
    const intended = await aCommit()
    await app.at.as('ana')('PATCH', `${REPO}/git/refs/heads/${intended.body.ref}`, { sha: app.at.base, force: true })
    expect((await committing()(intended)).result).toEqual({ is: 'moved', found: app.at.base })
    expect(await headOf(intended.body.ref)).toBe(app.at.base)
  })

  test('is not put over what somebody pushes at the last moment', async () => {
    const intended = await aCommit()
    const made = Promise.withResolvers<void>()
    let pushed = false
    app.at.github.onRequest(({ method, path }) => {
      if (pushed || method !== 'POST' || !path.endsWith('/git/commits')) return
      pushed = true
      app.at
        .as('ana')('PATCH', `${REPO}/git/refs/heads/${intended.body.ref}`, { sha: app.at.base, force: true })
        .then(() => made.resolve(), made.reject)
    })
    app.at.github.fault(({ path }) => path === '/graphql', 'close-before', 1)
    await expect(committing()(intended)).rejects.toBeInstanceOf(TryLater)
    await made.promise
    expect((await committing()({ ...intended, attempt: 2 })).result).toEqual({ is: 'moved', found: app.at.base })
  })

  test('finds its branch gone', async () => {
    const intended = await aCommit()
    await app.at.as('ana')('DELETE', `${REPO}/git/refs/heads/${intended.body.ref}`)
    expect((await committing()(intended)).result).toEqual({ is: 'moved', found: null })
  })

  test('whose tree comes out different is not put on the branch', async () => {
    const intended = await aCommit({ tree: '1'.repeat(40) })
    expect((await committing()(intended)).result).toMatchObject({ is: 'different' })
    expect(await headOf(intended.body.ref)).toBe(intended.body.from)
  })

  test('is refused when the bytes of a file are not on record', async () => {
    const intended = await aCommit({ contents: [] })
    await expect(committing()({ ...intended, body: { ...intended.body, tree: '2'.repeat(40) } })).rejects.toThrow(
      'are not there',
    )
  })

  test('waits when GitHub limits GraphQL', async () => {
    const intended = await aCommit()
    app.at.github.fault(({ path }) => path === '/graphql', { status: 429, headers: { 'retry-after': '9' } }, 1)
    await expect(committing()(intended)).rejects.toMatchObject({ name: 'TryLater', afterMs: 9000 })
    expect((await committing()({ ...intended, attempt: 2 })).result).toMatchObject({ is: 'committed' })
  })
})

describe('the end of a pull request', () => {
  test('ready ends the draft, once', async () => {
    const { result } = await openPullRequestPerformer(app.access)(app.intended<'open-pull-request'>(openBody()))
    const ready = readyPerformer(app.access)
    app.at.github.fault(({ path }) => path === '/graphql', 'close-after', 1)
    const intended = app.intended<'ready'>({ nodeId: result.nodeId, number: result.number })
    await expect(ready(intended)).rejects.toBeInstanceOf(TryLater)
    app.changes()
    await ready({ ...intended, attempt: 2 })
    expect(app.changes()).toEqual([])
    expect((await app.at.app('GET', `${REPO}/pulls/${result.number}`)).json['draft']).toBe(false)
  })

  test('close says why once, closes, and deletes the branch that holds only our commits', async () => {
    const { result } = await openPullRequestPerformer(app.access)(app.intended<'open-pull-request'>(openBody()))
    const close = closePerformer(app.access)
    const intended = app.intended<'close'>({
      number: result.number,
      branch: result.branch,
      text: 'Stopped by @ana.',
      heads: [result.head],
    })
    app.at.github.fault(({ path }) => path === '/graphql', 'close-after', 1)
    await expect(close(intended)).rejects.toBeInstanceOf(TryLater)
    expect(await close({ ...intended, attempt: 2 })).toEqual({ result: { branchDeleted: true }, blobs: [] })
    expect(await headOf(result.branch)).toBeUndefined()
    expect((await app.at.app('GET', `${REPO}/pulls/${result.number}`)).json['state']).toBe('closed')
    expect((await app.at.app('GET', `${REPO}/issues/${result.number}/comments`)).json).toHaveLength(1)
  })

  test('close keeps a branch that somebody else pushed to', async () => {
    const { result } = await openPullRequestPerformer(app.access)(app.intended<'open-pull-request'>(openBody()))
    const body = { number: result.number, branch: result.branch, text: 'Refused.', heads: [] }
    const closed = await closePerformer(app.access)(app.intended<'close'>(body))
    expect(closed.result).toEqual({ branchDeleted: false })
    expect(await headOf(result.branch)).toBe(result.head)
  })
})

test('the App gives no review, and asks GitHub nothing that it does not describe', () => {
  const reviews = app.at.github.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/reviews'))
  expect(reviews).toEqual([])
  expect(app.sentWrong()).toEqual([])
})
