import { z } from 'zod'
import { CONTENTS_READ, CONTENTS_WRITE, need, notForApps } from './access.ts'
import {
  demandCommit,
  identityOf,
  readCommit,
  renderGitCommit,
  type Signature,
  WEB_FLOW,
  writeCommit,
} from './commits.ts'
import {
  bodyOf,
  created,
  notFound,
  ok,
  param,
  Refused,
  type RepoCall,
  type Repository,
  type Route,
} from './exchange.ts'
import { GitFailure, isOid, withIndex } from './git.ts'
import type { CommitSigner } from './signing.ts'
import { nodeId, type World } from './world.ts'

const MODES = ['100644', '100755', '040000', '160000', '120000'] as const
const TREE_LIMIT = 100_000

const NewBlob = z.object({ content: z.string(), encoding: z.enum(['utf-8', 'base64']).default('utf-8') })
const Entry = z.object({
  path: z.string().min(1),
  mode: z.enum(MODES),
  type: z.enum(['blob', 'tree', 'commit']).optional(),
  sha: z.string().nullable().optional(),
  content: z.string().optional(),
})
type Entry = z.infer<typeof Entry>
const NewTree = z.object({ tree: z.array(Entry), base_tree: z.string().optional() })
const Person = z.object({ name: z.string(), email: z.string(), date: z.string().optional() })
const SomePerson = Person.partial()
const NewCommit = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).default([]),
  author: Person.optional(),
  committer: SomePerson.optional(),
  signature: z.string().optional(),
})

export const objectRoutes = (world: World, signer: CommitSigner): readonly Route<RepoCall>[] => [
  { method: 'GET', path: '/repos/:owner/:repo/git/blobs/:sha', answer: (call) => getBlob(world, call) },
  { method: 'POST', path: '/repos/:owner/:repo/git/blobs', answer: (call) => createBlob(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/git/trees/*sha', answer: (call) => getTree(world, call) },
  { method: 'POST', path: '/repos/:owner/:repo/git/trees', answer: (call) => createTree(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/git/commits/:sha', answer: (call) => getCommit(world, call) },
  { method: 'POST', path: '/repos/:owner/:repo/git/commits', answer: (call) => createCommit(world, call, signer) },
]

async function getBlob(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const sha = param(call, 'sha')
  if (!isOid(sha) || (await typeOf(call.repo, sha)) !== 'blob') throw notFound()
  const bytes = await call.repo.git.bytes(['cat-file', 'blob', sha])
  if (wantsRaw(call)) return { status: 200, bytes, headers: { 'content-type': 'application/vnd.github.raw' } }
  return ok({
    sha,
    node_id: nodeId(`Blob${sha}`, call.repo.row.id),
    size: bytes.length,
    url: blobUrl(world, call.repo, sha),
    content: wrapBase64(bytes),
    encoding: 'base64',
  })
}

async function createBlob(world: World, call: RepoCall) {
  need(world, call, CONTENTS_WRITE)
  const { content, encoding } = bodyOf(call, NewBlob)
  const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
  const sha = await writeBlob(call.repo, bytes)
  return created({ sha, url: blobUrl(world, call.repo, sha) })
}

async function getTree(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const sha = await treeOf(call.repo, param(call, 'sha'))
  if (sha === undefined) throw notFound()
  const tree = await listTree(world, call.repo, sha, call.url.searchParams.has('recursive'))
  return ok({
    sha,
    url: treeUrl(world, call.repo, sha),
    tree: tree.slice(0, TREE_LIMIT),
    truncated: tree.length > TREE_LIMIT,
  })
}

async function createTree(world: World, call: RepoCall) {
  need(world, call, CONTENTS_WRITE)
  const { tree, base_tree } = bodyOf(call, NewTree)
  const base = base_tree === undefined ? undefined : await treeOf(call.repo, base_tree)
  if (base_tree !== undefined && base === undefined) throw new Refused(404, 'Not Found')
  if (tree.some(({ path }) => !isTreePath(path))) throw malformedPath()
  if (tree.length === 0 && base === undefined) throw new Refused(422, 'Invalid tree info')
  const sha = await buildTree(call.repo, base, tree)
  const entries = await listTree(world, call.repo, sha, false)
  return created({ sha, url: treeUrl(world, call.repo, sha), tree: entries, truncated: false })
}

/** Applies the entries to the base tree in an index of their own; git itself judges paths and objects. */
async function buildTree(repo: Repository, base: string | undefined, entries: readonly Entry[]): Promise<string> {
  const lines: string[] = []
  const subtrees: { path: string; sha: string }[] = []
  for (const entry of entries) {
    const sha = entry.content === undefined ? entry.sha : await writeBlob(repo, Buffer.from(entry.content, 'utf8'))
    if (sha === undefined) throw new Refused(422, 'Must supply either tree.sha or tree.content')
    if (sha === null) lines.push(`0 ${'0'.repeat(40)}\t${entry.path}`)
    else if (entry.mode === '040000') subtrees.push({ path: entry.path, sha })
    else lines.push(`${entry.mode} ${await demandEntry(repo, entry, sha)}\t${entry.path}`)
  }
  try {
    return await withIndex(async (env) => {
      await repo.git.bytes(['read-tree', ...(base === undefined ? ['--empty'] : [base])], { env })
      for (const { path, sha } of subtrees) {
        await repo.git.bytes(['rm', '-r', '--cached', '--quiet', '--ignore-unmatch', '--', `:(literal)${path}`], {
          env,
        })
        await repo.git.bytes(['read-tree', `--prefix=${path}/`, sha], { env })
      }
      await repo.git.bytes(['update-index', '-z', '--index-info'], {
        env,
        input: lines.map((line) => `${line}\0`).join(''),
      })
      return repo.git.text(['write-tree'], { env })
    })
  } catch (error) {
    if (error instanceof GitFailure) throw malformedPath()
    throw error
  }
}

/** git leaves such a path out without a word when it reads an index from lines. */
const isTreePath = (path: string): boolean =>
  path.split('/').every((part) => !['', '.', '..'].includes(part) && part.toLowerCase() !== '.git')

const malformedPath = (): Refused => new Refused(422, 'tree.path contains a malformed path component')

async function demandEntry(repo: Repository, entry: Entry, sha: string): Promise<string> {
  if (entry.mode === '160000') return sha
  if (isOid(sha) && (await typeOf(repo, sha)) === 'blob') return sha
  throw new Refused(422, `tree.sha ${sha} is not a valid blob`)
}

async function getCommit(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const sha = param(call, 'sha')
  if (!isOid(sha) || (await typeOf(call.repo, sha)) !== 'commit') throw notFound()
  return ok(renderGitCommit(world, call.repo, await readCommit(call.repo.git, sha)))
}

async function createCommit(world: World, call: RepoCall, signer: CommitSigner) {
  need(world, call, CONTENTS_WRITE)
  const draft = bodyOf(call, NewCommit)
  await demandParts(call.repo, draft)
  const { tree, parents, message } = draft
  const { author, committer, byApp } = peopleOf(world, call, draft)
  const whole = { tree, parents, message, author, committer }
  const sha = await writeCommit(call.repo.git, whole, byApp ? signer : undefined)
  return created(renderGitCommit(world, call.repo, await readCommit(call.repo.git, sha)))
}

async function demandParts(repo: Repository, { tree, parents }: z.infer<typeof NewCommit>): Promise<void> {
  if (!isOid(tree) || (await typeOf(repo, tree)) !== 'tree') throw new Refused(422, 'Tree SHA does not exist')
  for (const parent of parents) await demandCommit(repo, parent)
}

/** GitHub signs an App's commit only when the request names neither author nor committer. */
function peopleOf(world: World, call: RepoCall, draft: z.infer<typeof NewCommit>) {
  const now = world.now()
  const author: Signature = { date: now, ...identityOf(call.actor.user), ...given(draft.author) }
  const plain = draft.author === undefined && draft.committer === undefined && draft.signature === undefined
  const byApp = plain && call.actor.is === 'installation'
  const committer: Signature = byApp ? { ...WEB_FLOW, date: now } : { ...author, ...given(draft.committer) }
  return { author, committer, byApp }
}

const given = ({ name, email, date }: z.infer<typeof SomePerson> = {}): Partial<Signature> => ({
  ...(name === undefined ? {} : { name }),
  ...(email === undefined ? {} : { email }),
  ...(date === undefined ? {} : { date }),
})

export type TreeEntry = {
  readonly mode: string
  readonly type: string
  readonly sha: string
  readonly size: number | null
  readonly path: string
}

export async function readTree(repo: Repository, sha: string, recursive: boolean): Promise<readonly TreeEntry[]> {
  const flags = recursive ? ['-r', '-t'] : []
  const listed = await repo.git.bytes(['ls-tree', '-z', '--long', '--full-tree', ...flags, sha])
  return listed
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t')
      const [mode = '', type = '', oid = '', size = '-'] = line.slice(0, tab).split(/ +/)
      return { mode, type, sha: oid, size: size === '-' ? null : Number(size), path: line.slice(tab + 1) }
    })
}

async function listTree(world: World, repo: Repository, sha: string, recursive: boolean) {
  return (await readTree(repo, sha, recursive)).map((entry) => ({
    path: entry.path,
    mode: entry.mode,
    type: entry.type,
    sha: entry.sha,
    ...(entry.size === null ? {} : { size: entry.size }),
    ...(entry.type === 'commit' ? {} : { url: (entry.type === 'tree' ? treeUrl : blobUrl)(world, repo, entry.sha) }),
  }))
}

export const writeBlob = (repo: Repository, bytes: Uint8Array): Promise<string> =>
  repo.git.text(['hash-object', '-w', '--stdin'], { input: bytes })

export async function typeOf(repo: Repository, sha: string): Promise<string> {
  try {
    return await repo.git.text(['cat-file', '-t', sha])
  } catch (error) {
    if (error instanceof GitFailure) return 'missing'
    throw error
  }
}

/** The tree that a tree, a commit or a branch name stands for. */
async function treeOf(repo: Repository, revision: string): Promise<string | undefined> {
  if (revision.startsWith('-') || /[\s~^:?*[\\]|\.\./.test(revision)) return undefined
  try {
    return await repo.git.text(['rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{tree}`])
  } catch (error) {
    if (error instanceof GitFailure) return undefined
    throw error
  }
}

export const wantsRaw = (call: { readonly headers: Readonly<Record<string, string>> }): boolean =>
  /application\/vnd\.github(\.v3)?\.raw/.test(call.headers['accept'] ?? '')

/** GitHub breaks base64 after 60 characters. */
export const wrapBase64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{60}/g, '$&\n')

const blobUrl = (world: World, repo: Repository, sha: string) =>
  `${world.url}/repos/${repo.row.full_name}/git/blobs/${sha}`
const treeUrl = (world: World, repo: Repository, sha: string) =>
  `${world.url}/repos/${repo.row.full_name}/git/trees/${sha}`

export const refuseWorkflowFile = (call: RepoCall, path: string): void => {
  const may = call.actor.is !== 'installation' || call.actor.permissions['workflows'] === 'write'
  if (!may && path.startsWith('.github/workflows/')) throw notForApps()
}
