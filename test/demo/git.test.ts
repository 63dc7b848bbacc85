import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBranch, aLocalGithub, aPull, git, put, REPO, type Setting } from './a-local-github.ts'

const run = promisify(execFile)

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
})
afterAll(() => at.close())

const cloneTo = async (token: string): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'clone-'))
  const url = at.github.cloneUrl('acme', 'demo').replace('http://', `http://x-access-token:${token}@`)
  await run('git', ['-c', 'credential.helper=', 'clone', '--quiet', url, dir])
  return dir
}

test('an imported repository keeps its commit, trees, blobs, modes and names', async () => {
  const ref = await at.app('GET', `${REPO}/git/ref/heads/main`)
  expect(ref.json['object']?.['sha']).toBe(at.base)
  const tree = await at.app('GET', `${REPO}/git/trees/${at.base}?recursive=1`)
  const listed = tree.json['tree']?.map(
    (entry) => `${String(entry['mode'])} ${String(entry['type'])} ${String(entry['sha'])}\t${String(entry['path'])}`,
  )
  const real = await git(at.source, '-c', 'core.quotePath=false', 'ls-tree', '-r', '-t', 'HEAD')
  expect(listed).toEqual(real.split('\n'))
  expect(tree.json['sha']).toBe(await git(at.source, 'rev-parse', 'HEAD^{tree}'))
})

test('a binary blob comes back byte for byte', async () => {
  const sha = await git(at.source, 'rev-parse', 'HEAD:logo.bin')
  const blob = await at.app('GET', `${REPO}/git/blobs/${sha}`)
  expect([...Buffer.from(String(blob.json['content']), 'base64')]).toEqual([0, 255, 254, 13, 10, 128])
  const made = await at.app('POST', `${REPO}/git/blobs`, { content: 'AP/+DQqA', encoding: 'base64' })
  expect(made.json['sha']).toBe(sha)
})

test('contents are served as JSON, raw, by folder, and by odd names', async () => {
  const path = encodeURIComponent('é ü#?.txt')
  const file = await at.app('GET', `${REPO}/contents/src/deep/${path}?ref=${at.base}`)
  expect(Buffer.from(String(file.json['content']), 'base64').toString()).toBe('odd\n')
  const raw = await at.app('GET', `${REPO}/contents/src/deep/${path}`, undefined, {
    accept: 'application/vnd.github.raw+json',
  })
  expect(raw.text).toBe('odd\n')
  const folder = await at.app('GET', `${REPO}/contents/bin`)
  expect(folder.json.map((entry) => entry['path'])).toEqual(['bin/run.sh'])
  const link = await at.app('GET', `${REPO}/contents/link`)
  expect(link.json).toMatchObject({ type: 'symlink', target: 'README.md' })
  expect((await at.app('GET', `${REPO}/contents/absent`)).status).toBe(404)
})

test("a commit of the App without an author is the bot's, signed, and has the id real git gives it", async () => {
  const sha = await aBranch(at, 'made', 'bin/run.sh')
  const commit = await at.app('GET', `${REPO}/git/commits/${sha}`)
  expect(commit.json['author']).toMatchObject({
    name: 'agentos[bot]',
    email: `${at.github.app.botUserId}+agentos[bot]@users.noreply.github.com`,
  })
  expect(commit.json['verification']).toMatchObject({ verified: true, reason: 'valid' })
  const dir = await cloneTo(at.github.token('ana'))
  expect(await git(dir, 'rev-parse', 'origin/made')).toBe(sha)
  expect(await git(dir, 'rev-parse', `${sha}^{tree}`)).toBe(commit.json['tree']?.['sha'])
  await git(dir, 'fsck', '--strict')
  await rm(dir, { recursive: true })
})

test('a commit with an author of its own is not signed', async () => {
  const tree = await git(at.source, 'rev-parse', 'HEAD^{tree}')
  const author = { name: 'Ana', email: 'ana@example.test', date: '2026-01-02T03:04:05Z' }
  const commit = await at.app('POST', `${REPO}/git/commits`, { message: 'Mine\n', tree, parents: [at.base], author })
  expect(commit.json['verification']).toMatchObject({ verified: false, reason: 'unsigned' })
  const dates = { GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z', GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z' }
  const args = [
    '-c',
    'user.name=Ana',
    '-c',
    'user.email=ana@example.test',
    'commit-tree',
    tree,
    '-p',
    at.base,
    '-m',
    'Mine',
  ]
  const real = await run('git', args, { cwd: at.source, env: { ...process.env, ...dates, TZ: 'UTC' } })
  expect(commit.json['sha']).toBe(real.stdout.trim())
})

test('trees keep modes, delete with a null sha, and refuse paths that git refuses', async () => {
  const sha = await git(at.source, 'rev-parse', 'HEAD:README.md')
  const make = (...tree: object[]) => at.app('POST', `${REPO}/git/trees`, { base_tree: at.base, tree })
  const changed = await make(
    { path: 'x/y.sh', mode: '100755', type: 'blob', sha },
    { path: 'logo.bin', mode: '100644', type: 'blob', sha: null },
  )
  const all = await at.app('GET', `${REPO}/git/trees/${String(changed.json['sha'])}?recursive=1`)
  const entries = all.json['tree']?.map((entry) => `${String(entry['mode'])} ${String(entry['path'])}`)
  expect(entries).toContain('100755 x/y.sh')
  expect(entries).toContain('120000 link')
  expect(entries).not.toContain('100644 logo.bin')
  expect((await make({ path: '../out', mode: '100644', type: 'blob', sha })).status).toBe(422)
  expect((await make({ path: '.git/config', mode: '100644', type: 'blob', sha })).status).toBe(422)
  expect((await make({ path: 'a', mode: '100644', type: 'blob', sha: '1'.repeat(40) })).status).toBe(422)
})

test('refs are created once, move forward only, and are forced on request', async () => {
  const sha = await aBranch(at, 'moving')
  const create = await at.app('POST', `${REPO}/git/refs`, { ref: 'refs/heads/moving', sha })
  expect([create.status, create.json['message']]).toEqual([422, 'Reference already exists'])
  const back = await at.app('PATCH', `${REPO}/git/refs/heads/moving`, { sha: at.base })
  expect([back.status, back.json['message']]).toEqual([422, 'Update is not a fast forward'])
  expect((await at.app('PATCH', `${REPO}/git/refs/heads/moving`, { sha: at.base, force: true })).status).toBe(200)
  expect((await at.app('PATCH', `${REPO}/git/refs/heads/moving`, { sha: '2'.repeat(40) })).status).toBe(422)
  expect((await at.app('DELETE', `${REPO}/git/refs/heads/moving`)).status).toBe(204)
  expect((await at.app('GET', `${REPO}/git/ref/heads/moving`)).status).toBe(404)
  const matching = await at.app('GET', `${REPO}/git/matching-refs/heads/ma`)
  expect(matching.json.map((ref) => ref['ref'])).toEqual(['refs/heads/made', 'refs/heads/main'])
})

test('compare, commits, branches and archives tell what git tells', async () => {
  const sha = await aBranch(at, 'compared', 'logo.bin', 'now text\n')
  const compared = await at.app('GET', `${REPO}/compare/${at.base}...${sha}`)
  expect(compared.json).toMatchObject({ status: 'ahead', ahead_by: 1, behind_by: 0, total_commits: 1 })
  expect(compared.json['files']?.[0]).toMatchObject({ filename: 'logo.bin', status: 'modified' })
  const one = await at.app('GET', `${REPO}/commits/compared`)
  expect(one.json).toMatchObject({ sha, parents: [{ sha: at.base }], author: { login: 'agentos[bot]' } })
  const list = await at.app('GET', `${REPO}/commits?sha=compared&per_page=1`)
  expect(list.json.map((commit) => commit['sha'])).toEqual([sha])
  expect(list.headers.get('link')).toContain('rel="next"')
  expect((await at.app('GET', `${REPO}/branches/main`)).json['commit']?.['sha']).toBe(at.base)
  expect((await at.app('GET', `${REPO}/branches?per_page=100`)).json.map((branch) => branch['name'])).toContain(
    'compared',
  )
  const tar = await fetch(`${at.github.url}${REPO}/tarball/main`, {
    headers: { authorization: `Bearer ${at.github.token('ana')}` },
  })
  expect(gunzipSync(Buffer.from(await tar.arrayBuffer())).toString('latin1')).toContain('bin/run.sh')
})

test('a person pushes over git, and the pull request follows its branch', async () => {
  const before = await aBranch(at, 'pushed')
  const pull = await aPull(at, 'pushed')
  const dir = await cloneTo(at.github.token('ana'))
  await git(dir, 'checkout', '--quiet', 'pushed')
  await put(dir, 'more.txt', 'more\n')
  await git(dir, 'add', '--all')
  await git(dir, 'commit', '--quiet', '--message', 'More')
  await git(dir, 'push', '--quiet', 'origin', 'pushed')
  const after = await git(dir, 'rev-parse', 'HEAD')
  const seen = await at.app('GET', `${REPO}/pulls/${String(pull['number'])}`)
  expect(seen.json).toMatchObject({ head: { sha: after }, commits: 2, changed_files: 2 })
  await at.github.webhooksSettled()
  const [push, synchronize] = at.heard.slice(-2).map(({ payload }) => payload)
  expect(push).toMatchObject({
    ref: 'refs/heads/pushed',
    before,
    after,
    created: false,
    deleted: false,
    forced: false,
    head_commit: { id: after, added: ['more.txt'] },
  })
  expect(synchronize).toMatchObject({
    action: 'synchronize',
    before,
    after,
    number: pull['number'],
    sender: { login: 'ana' },
  })
  await rm(dir, { recursive: true })
})

test('git refuses an unknown token, a reader who pushes, and a job token that may only read', async () => {
  await expect(cloneTo('nonsense')).rejects.toThrow(/Authentication failed/)
  for (const token of [at.github.token('rea'), at.github.installationToken('acme', 'demo', { contents: 'read' })]) {
    const dir = await cloneTo(token)
    await expect(git(dir, 'push', '--quiet', 'origin', 'HEAD:refs/heads/not-mine')).rejects.toThrow(/403/)
    await rm(dir, { recursive: true })
  }
})

test('the App cannot bring in workflow files by ref, by contents or by push', async () => {
  const blob = await at.app('POST', `${REPO}/git/blobs`, { content: 'on: push\n' })
  const tree = await at.app('POST', `${REPO}/git/trees`, {
    base_tree: at.base,
    tree: [{ path: '.github/workflows/evil.yml', mode: '100644', type: 'blob', sha: blob.json['sha'] }],
  })
  const commit = await at.app('POST', `${REPO}/git/commits`, {
    message: 'Evil',
    tree: tree.json['sha'],
    parents: [at.base],
  })
  const ref = await at.app('POST', `${REPO}/git/refs`, { ref: 'refs/heads/evil', sha: commit.json['sha'] })
  expect(ref.status).toBe(422)
  expect(ref.json['message']).toContain('without `workflows` permission')
  expect((await at.app('GET', `${REPO}/git/ref/heads/evil`)).status).toBe(404)
  const file = await at.app('PUT', `${REPO}/contents/.github/workflows/evil.yml`, { message: 'Evil', content: 'eA==' })
  expect([file.status, file.json['message']]).toEqual([403, 'Resource not accessible by integration'])
  const dir = await cloneTo(at.github.installationToken('acme', 'demo', { contents: 'write' }))
  await put(dir, '.github/workflows/evil.yml', 'on: push\n')
  await git(dir, 'add', '--all')
  await git(dir, 'commit', '--quiet', '--message', 'Evil')
  await expect(git(dir, 'push', '--quiet', 'origin', 'HEAD:refs/heads/evil')).rejects.toThrow(/workflows permission/)
  await rm(dir, { recursive: true })
})

test('a person writes files through contents, and a stale sha is a conflict', async () => {
  const content = Buffer.from('two\n').toString('base64')
  const sha = await git(at.source, 'rev-parse', 'HEAD:README.md')
  const stale = await at.as('ana')('PUT', `${REPO}/contents/README.md`, {
    message: 'Two',
    content,
    sha: '3'.repeat(40),
  })
  expect(stale.status).toBe(409)
  const written = await at.as('ana')('PUT', `${REPO}/contents/README.md`, { message: 'Two', content, sha })
  expect(written.status).toBe(200)
  expect(written.json['commit']?.['author']?.['name']).toBe('ana')
  expect((await at.as('tim')('PUT', `${REPO}/contents/new.md`, { message: 'No', content })).status).toBe(403)
  const gone = await at.as('ana')('DELETE', `${REPO}/contents/logo.bin`, {
    message: 'Gone',
    sha: await git(at.source, 'rev-parse', 'HEAD:logo.bin'),
  })
  expect(gone.status).toBe(200)
})

test('the repository that was imported is untouched', async () => {
  expect(await git(at.source, 'rev-parse', 'HEAD')).toBe(at.base)
  expect(await git(at.source, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
})

test('every accepted exchange of these tests is one that GitHub itself describes', () => {
  expect(at.faults).toEqual([])
})
