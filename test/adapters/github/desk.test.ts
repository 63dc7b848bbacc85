import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { githubAccess } from '../../../src/adapters/github/access.ts'
import { githubApp } from '../../../src/adapters/github/app.ts'
import { githubDesk } from '../../../src/adapters/github/desk.ts'
import { TryLater, WillNotWork } from '../../../src/app/ports.ts'
import { blobId } from '../../../src/domain/git-objects.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { aBranch, git, REPO } from '../../demo/a-local-github.ts'
import { plainFilter } from '../../support/plain-filter.ts'
import { aGithubApp, type SignedInApp } from './a-github-app.ts'

let app: SignedInApp
beforeAll(async () => {
  app = await aGithubApp()
})
afterAll(() => app.close())

/** Nothing read before is remembered. */
const freshDesk = () => githubDesk(githubAccess(app.probot))

const KNOWN = new Set(['adm', 'lee', 'ana', 'tim', 'rea'])
const roleOf = (login: string, id = KNOWN.has(login) ? app.at.github.userId(login) : 1) =>
  app.desk.role(app.repository, { id: String(id), login })

describe('the role of a person', () => {
  test.each([
    ['adm', 'admin'],
    ['lee', 'maintain'],
    ['ana', 'write'],
    ['tim', 'triage'],
    ['rea', 'read'],
    ['nobody-here', 'none'],
    ['agentos[bot]', 'none'],
    ['../../user', 'none'],
    ['', 'none'],
  ])('%s has the role %s', async (login, role) => {
    expect(await roleOf(login)).toBe(role)
  })

  test('does not pass to whoever has the login now', async () => {
    expect(await roleOf('lee', app.at.github.userId('ana'))).toBe('none')
  })

  test('is not guessed when GitHub is not well', async () => {
    app.at.github.fault(({ path }) => path.includes('/collaborators/ana/'), { status: 502 }, 1)
    await expect(roleOf('ana')).rejects.toBeInstanceOf(TryLater)
    app.at.github.fault(({ path }) => path.includes('/collaborators/ana/'), { status: 403 }, 1)
    await expect(roleOf('ana')).rejects.toBeInstanceOf(WillNotWork)
  })

  test('follows a change at once', async () => {
    app.at.github.setRole('acme', 'demo', 'tim', 'write')
    expect(await roleOf('tim')).toBe('write')
    app.at.github.setRole('acme', 'demo', 'tim', 'triage')
    expect(await roleOf('tim')).toBe('triage')
  })
})

describe('the reader', () => {
  test('lists every file as git does, with mode and size', async () => {
    const entries = await app.desk.reader(app.repository).entries(app.at.base)
    const listed = await git(app.at.source, '-c', 'core.quotePath=false', 'ls-tree', '-r', '-z', '--long', 'HEAD')
    const expected = listed
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => /^(\d+) \w+ (\w+) +(\d+)\t(.*)$/s.exec(line)?.slice(1))
    expect(entries.map(({ path, mode, blob, size }) => [mode, blob, String(size), path])).toEqual(expected)
  })

  test('gives the exact bytes of blobs, and asks for each once', async () => {
    const reader = freshDesk().reader(app.repository)
    const logo = await git(app.at.source, 'rev-parse', 'HEAD:logo.bin')
    const before = app.at.github.requests.length
    const blobs = await reader.blobs([logo, logo])
    await reader.blobs([logo])
    expect(blobs.get(logo)).toEqual(new Uint8Array([0, 255, 254, 13, 10, 128]))
    const asked = app.at.github.requests.slice(before).filter(({ path }) => path.endsWith(`/git/blobs/${logo}`))
    expect(asked).toHaveLength(1)
  })

  test('asks for many files together, and only for those that are no text by themselves', async () => {
    const reader = freshDesk().reader(app.repository)
    const entries = (await reader.entries(app.at.base)).filter(({ mode }) => mode !== '160000')
    const [logo, before] = [entries.find(({ path }) => path === 'logo.bin'), app.at.github.requests.length]
    const blobs = await reader.blobs(entries.map(({ blob }) => blob))
    expect(entries.length).toBeGreaterThan(5)
    for (const { blob, path } of entries) expect(blobId(blobs.get(blob) ?? new Uint8Array([1])), path).toBe(blob)
    const asked = app.at.github.requests.slice(before).map(({ method, path }) => `${method} ${path}`)
    expect(asked.filter((line) => line.endsWith('/graphql'))).toHaveLength(1)
    expect(asked.filter((line) => line.includes('/git/blobs/'))).toEqual([expect.stringContaining(String(logo?.blob))])
    await reader.blobs(entries.map(({ blob }) => blob))
    expect(app.at.github.requests).toHaveLength(before + asked.length)
  })

  test('reads the tree of a commit once', async () => {
    const reader = freshDesk().reader(app.repository)
    const before = app.at.github.requests.length
    await reader.entries(app.at.base)
    await reader.treeOf(app.at.base)
    const asked = app.at.github.requests.slice(before).filter(({ path }) => path.includes('/git/commits/'))
    expect(asked).toHaveLength(1)
  })

  test('refuses a blob that is not there', async () => {
    await expect(app.desk.reader(app.repository).blobs(['1'.repeat(40)])).rejects.toBeInstanceOf(WillNotWork)
  })

  test('tells the tree of a commit', async () => {
    const tree = await git(app.at.source, 'rev-parse', 'HEAD^{tree}')
    expect(await app.desk.reader(app.repository).treeOf(app.at.base)).toBe(tree)
  })
})

describe('branches and commits', () => {
  test('the head of a branch is what GitHub says now', async () => {
    expect(await app.desk.branchHead(app.repository, 'main')).toBe(app.at.base)
    await expect(app.desk.branchHead(app.repository, 'gone')).rejects.toBeInstanceOf(WillNotWork)
  })

  test('the diff hash of a commit is the one that git gives', async () => {
    const head = await aBranch(app.at, 'agentos/diff', 'src/deep/é ü#?.txt', 'changed\n')
    const { message, diffSha256 } = await app.desk.commit(app.repository, head)
    await git(app.at.source, 'fetch', '--quiet', tokenUrl(), head)
    const raw = await git(app.at.source, 'diff-tree', '-r', '-z', '--no-renames', '--full-index', app.at.base, head)
    expect(message.trim()).toBe('Change src/deep/é ü#?.txt')
    expect(diffSha256).toBe(sha256Hex(raw))
  })

  test('a first commit has no diff', async () => {
    const { message, diffSha256 } = await app.desk.commit(app.repository, app.at.base)
    expect(message.trim()).toBe('First commit\n\nWith a body.')
    expect(diffSha256).toBeNull()
  })
})

describe('a pull request of somebody', () => {
  const opened = async (branch: string) => {
    const head = await aBranch(app.at, branch)
    const wanted = { title: `About ${branch}`, body: null, head: branch, base: 'main' }
    const { status, json } = await app.at.as('ana')('POST', `${REPO}/pulls`, wanted)
    expect(status).toBe(201)
    return { number: Number(json['number']), head }
  }

  test('is read with its head, its author and its text', async () => {
    const { number, head } = await opened('read-me')
    expect(await app.desk.pullRequest(app.repository, number)).toEqual({
      state: 'open',
      title: 'About read-me',
      body: '',
      author: { id: String(app.at.github.userId('ana')), login: 'ana', kind: 'User' },
      head,
      baseBranch: 'main',
      isFork: false,
    })
    expect(await app.desk.mergeBase(app.repository, app.at.base, head)).toBe(app.at.base)
  })

  test.each([
    ['closed', 'PATCH', '', { state: 'closed' }],
    ['merged', 'PUT', '/merge', {}],
  ])('is known as %s', async (state, method, path, body) => {
    const { number } = await opened(`to-be-${state}`)
    const { status } = await app.at.as('lee')(method, `${REPO}/pulls/${number}${path}`, body)
    expect(status).toBe(200)
    expect(await app.desk.pullRequest(app.repository, number)).toMatchObject({ state })
  })

  test('is not there under a number that is none, or an issue’s', async () => {
    expect(await app.desk.pullRequest(app.repository, 999_999)).toBeNull()
    const { json } = await app.at.as('ana')('POST', `${REPO}/issues`, { title: 'Only an issue' })
    expect(await app.desk.pullRequest(app.repository, Number(json['number']))).toBeNull()
  })

  test('has no merge base where it shares no history', async () => {
    const { json } = await app.at.as('ana')('POST', `${REPO}/git/commits`, {
      message: 'From nowhere',
      tree: await git(app.at.source, 'rev-parse', `${app.at.base}^{tree}`),
      parents: [],
    })
    expect(await app.desk.mergeBase(app.repository, app.at.base, String(json['sha']))).toBeNull()
  })
})

describe('a GitHub that does not tell all', () => {
  type Tree = { truncated: boolean; tree: { path: string; sha: string }[] }
  /** A desk whose GitHub answers whole listings, or blobs, otherwise than it should. */
  const deskOver = async (bend: (tree: Tree, url: string) => Tree | undefined) => {
    const { app: own, url } = app.at.github
    const probot = await githubApp({
      appId: String(own.id),
      privateKey: own.privateKey,
      webhookSecret: own.webhookSecret,
      baseUrl: url,
      throttle: 'off',
      filter: plainFilter,
      fetch: async (input, init) => {
        const asked = input instanceof Request ? input.url : String(input)
        const answer = await fetch(input, init)
        if (!asked.includes('/git/trees/')) return answer
        const tree: Tree = JSON.parse(await answer.clone().text())
        const bent = bend(tree, asked)
        return bent === undefined ? answer : new Response(JSON.stringify(bent), answer)
      },
    })
    return githubDesk(githubAccess(probot))
  }

  test('is asked level by level where it cuts a listing off', async () => {
    const cut = await deskOver((tree, url) =>
      url.includes('recursive') ? { truncated: true, tree: tree.tree.slice(0, 2) } : undefined,
    )
    const whole = await freshDesk().reader(app.repository).entries(app.at.base)
    expect(await cut.reader(app.repository).entries(app.at.base)).toEqual(whole)
  })

  test.each([
    ['leaves a file out', (tree: Tree) => ({ ...tree, tree: tree.tree.filter(({ path }) => path !== 'logo.bin') })],
    [
      'names another blob',
      (tree: Tree) => ({
        ...tree,
        tree: tree.tree.map((item) => (item.path === 'logo.bin' ? { ...item, sha: '1'.repeat(40) } : item)),
      }),
    ],
    ['cuts off a single level', (tree: Tree) => ({ ...tree, truncated: true })],
  ])('is refused when it %s', async (_what, bend) => {
    const desk = await deskOver(bend)
    await expect(desk.reader(app.repository).entries(app.at.base)).rejects.toBeInstanceOf(WillNotWork)
  })
})

test('GitHub not answering at all means: later, after ten seconds', async () => {
  app.at.github.fault(({ path }) => path.includes('/collaborators/ana/'), 'hang', 1)
  await expect(roleOf('ana')).rejects.toBeInstanceOf(TryLater)
})

test('the App knows the user id of its own bot', async () => {
  expect(await app.desk.ownId()).toBe(String(app.at.github.app.botUserId))
})

test('a repository that took over the name is refused', async () => {
  const other = { ...app.repository, id: '99' }
  await expect(freshDesk().branchHead(other, 'main')).rejects.toThrow('another repository')
})

test('GitHub not answering, or asking for a pause, means: later', async () => {
  const desk = freshDesk()
  app.at.github.fault(() => true, 'close-before', 1)
  await expect(desk.branchHead(app.repository, 'main')).rejects.toBeInstanceOf(TryLater)
  app.at.github.fault(({ path }) => path === REPO, { status: 429, headers: { 'retry-after': '7' } }, 1)
  await expect(desk.branchHead(app.repository, 'main')).rejects.toMatchObject({ name: 'TryLater', afterMs: 7000 })
  const reset = String(Math.floor(Date.now() / 1000) + 120)
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
  app.at.github.fault(({ path }) => path === REPO, { status: 403, headers }, 1)
  const failure = await desk.branchHead(app.repository, 'main').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(TryLater)
  expect(failure instanceof TryLater && failure.afterMs > 100_000 && failure.afterMs <= 120_000).toBe(true)
})

function tokenUrl(): string {
  const { github } = app.at
  return github.cloneUrl('acme', 'demo').replace('http://', `http://x-access-token:${github.token('ana')}@`)
}
