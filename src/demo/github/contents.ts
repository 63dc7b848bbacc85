import { z } from 'zod'
import { CONTENTS_READ, CONTENTS_WRITE, need } from './access.ts'
import { identityOf, readCommit, renderGitCommit, resolveCommit, WEB_FLOW, writeCommit } from './commits.ts'
import { bodyOf, notFound, ok, Refused, type Reply, type RepoCall, type Repository, type Route } from './exchange.ts'
import { withIndex } from './git.ts'
import { readTree, refuseWorkflowFile, type TreeEntry, wantsRaw, wrapBase64, writeBlob } from './objects.ts'
import { moveRef, readRef } from './refs.ts'
import type { CommitSigner } from './signing.ts'
import type { World } from './world.ts'

const PutFile = z.object({
  message: z.string(),
  content: z.string(),
  sha: z.string().optional(),
  branch: z.string().optional(),
})
const DeleteFile = z.object({ message: z.string(), sha: z.string(), branch: z.string().optional() })

/** Files of a commit, read and written one at a time. */
export const contentsRoutes = (world: World, signer: CommitSigner): readonly Route<RepoCall>[] => [
  { method: 'GET', path: '/repos/:owner/:repo/contents', answer: (call) => getContents(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/contents/*path', answer: (call) => getContents(world, call) },
  {
    method: 'PUT',
    path: '/repos/:owner/:repo/contents/*path',
    answer: (call) => {
      const { content, ...change } = bodyOf(call, PutFile)
      return changeFile(world, call, signer, { ...change, bytes: Buffer.from(content, 'base64') })
    },
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/contents/*path',
    answer: (call) => changeFile(world, call, signer, { ...bodyOf(call, DeleteFile), bytes: null }),
  },
]

async function getContents(world: World, call: RepoCall): Promise<Reply> {
  need(world, call, CONTENTS_READ)
  const ref = call.url.searchParams.get('ref') ?? call.repo.row.default_branch
  const commit = await resolveCommit(call.repo.git, ref)
  if (commit === undefined) throw new Refused(404, `No commit found for the ref ${ref}`)
  const path = (call.params['path'] ?? '').replace(/\/+$/, '')
  const entry = path === '' ? { ...ROOT, sha: commit } : await findEntry(call.repo, commit, path)
  if (entry === undefined) throw notFound()
  return entry.type === 'tree' ? getFolder(world, call, ref, entry) : getFile(world, call, ref, entry)
}

const ROOT = { mode: '040000', type: 'tree', size: null, path: '' } as const

async function getFolder(world: World, { repo }: RepoCall, ref: string, folder: TreeEntry): Promise<Reply> {
  const inside = await readTree(repo, folder.sha, false)
  return ok(inside.map((child) => renderEntry(world, repo, ref, { ...child, path: joined(folder.path, child.path) })))
}

async function getFile(world: World, call: RepoCall, ref: string, entry: TreeEntry): Promise<Reply> {
  if (entry.type === 'commit') return ok(renderEntry(world, call.repo, ref, entry))
  const bytes = await call.repo.git.bytes(['cat-file', 'blob', entry.sha])
  if (wantsRaw(call)) {
    return { status: 200, bytes, headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' } }
  }
  const content = entry.mode === '120000' ? { target: bytes.toString('utf8') } : fileContent(bytes)
  return ok({ ...renderEntry(world, call.repo, ref, entry), ...content })
}

const MAX_INLINE = 1_048_576

const fileContent = (bytes: Buffer) =>
  bytes.length > MAX_INLINE ? { content: '', encoding: 'none' } : { content: wrapBase64(bytes), encoding: 'base64' }

type Change = {
  readonly message: string
  readonly sha?: string | undefined
  readonly branch?: string | undefined
  readonly bytes: Buffer | null
}

async function changeFile(world: World, call: RepoCall, signer: CommitSigner, change: Change): Promise<Reply> {
  need(world, call, CONTENTS_WRITE)
  const path = call.params['path'] ?? ''
  refuseWorkflowFile(call, path)
  const ref = `refs/heads/${change.branch ?? call.repo.row.default_branch}`
  const before = await demandBranch(call.repo, ref)
  const entry = await findEntry(call.repo, before, path)
  demandCurrent(path, entry, change.sha)
  const tree = await treeWith(call.repo, before, { path, mode: entry?.mode ?? '100644', bytes: change.bytes })
  const commit = await commitOnto(world, call, signer, { tree, parent: before, message: change.message })
  await moveRef(world, call.repo, call.actor, { ref, before, after: commit, forced: false })
  const now = change.bytes === null ? undefined : await findEntry(call.repo, commit, path)
  return {
    status: entry === undefined ? 201 : 200,
    json: {
      content: now === undefined ? null : renderEntry(world, call.repo, ref.slice('refs/heads/'.length), now),
      commit: renderGitCommit(world, call.repo, await readCommit(call.repo.git, commit)),
    },
  }
}

async function demandBranch(repo: Repository, ref: string): Promise<string> {
  const sha = await readRef(repo, ref)
  if (sha === undefined) throw new Refused(404, `Branch ${ref.slice('refs/heads/'.length)} not found`)
  return sha
}

function demandCurrent(path: string, entry: TreeEntry | undefined, sha: string | undefined): void {
  if (entry?.sha === sha) return
  if (sha === undefined) throw new Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
  throw new Refused(409, `${path} does not match ${sha}`)
}

type NewCommit = { readonly tree: string; readonly parent: string; readonly message: string }

/** Commits made through the web or this API are committed, and signed, by GitHub. */
function commitOnto(world: World, call: RepoCall, signer: CommitSigner, { tree, parent, message }: NewCommit) {
  const date = world.now()
  return writeCommit(
    call.repo.git,
    {
      tree,
      parents: [parent],
      message,
      author: { ...identityOf(call.actor.user), date },
      committer: { ...WEB_FLOW, date },
    },
    signer,
  )
}

type NewFile = { readonly path: string; readonly mode: string; readonly bytes: Buffer | null }

async function treeWith(repo: Repository, base: string, { path, mode, bytes }: NewFile): Promise<string> {
  const line = bytes === null ? `0 ${'0'.repeat(40)}\t${path}` : `${mode} ${await writeBlob(repo, bytes)}\t${path}`
  return withIndex(async (env) => {
    await repo.git.bytes(['read-tree', base], { env })
    await repo.git.bytes(['update-index', '-z', '--index-info'], { env, input: `${line}\0` })
    return repo.git.text(['write-tree'], { env })
  })
}

export async function findEntry(repo: Repository, commit: string, path: string): Promise<TreeEntry | undefined> {
  let tree = commit
  let at: TreeEntry | undefined
  for (const segment of path.split('/')) {
    const inside: readonly TreeEntry[] = at === undefined || at.type === 'tree' ? await readTree(repo, tree, false) : []
    at = inside.find((entry) => entry.path === segment)
    if (at === undefined) return undefined
    tree = at.sha
  }
  return at === undefined ? undefined : { ...at, path }
}

const KIND = new Map([
  ['tree', 'dir'],
  ['commit', 'submodule'],
])

function renderEntry(world: World, repo: Repository, ref: string, entry: TreeEntry) {
  const path = entry.path.split('/').map(encodeURIComponent).join('/')
  const self = `${world.url}/repos/${repo.row.full_name}/contents/${path}?ref=${encodeURIComponent(ref)}`
  const git = `${world.url}/repos/${repo.row.full_name}/git/${entry.type}s/${entry.sha}`
  const html = `${world.url}/${repo.row.full_name}/${entry.type}/${encodeURIComponent(ref)}/${path}`
  return {
    type: entry.mode === '120000' ? 'symlink' : (KIND.get(entry.type) ?? 'file'),
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'blob' ? html.replace('/blob/', '/raw/') : null,
    _links: { self, git, html },
  }
}

const joined = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)
