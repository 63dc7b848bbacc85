import { Refused, type Repository } from './exchange.ts'
import { type Git, GitFailure, isOid } from './git.ts'
import { renderUser } from './render.ts'
import type { UserRow } from './rows.ts'
import type { CommitSigner } from './signing.ts'
import { nodeId, userByLogin, type World } from './world.ts'

export type Signature = { readonly name: string; readonly email: string; readonly date: string }

export type Commit = {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
  readonly signature: string | null
  readonly payload: string
}

export type Draft = Pick<Commit, 'tree' | 'parents' | 'author' | 'committer' | 'message'>

export const WEB_FLOW = { name: 'GitHub', email: 'noreply@github.com' } as const

export const identityOf = (user: UserRow): { name: string; email: string } => ({
  name: user.name ?? user.login,
  email: user.type === 'Bot' || user.email === null ? `${user.id}+${user.login}@users.noreply.github.com` : user.email,
})

/** The full id of the commit that a revision names, or undefined. */
export async function resolveCommit(git: Git, revision: string): Promise<string | undefined> {
  if (revision.startsWith('-') || /[\s~^:?*[\\]|\.\.|@\{/.test(revision)) return undefined
  const candidates = isOid(revision) ? [revision] : [`refs/heads/${revision}`, `refs/tags/${revision}`, revision]
  for (const candidate of candidates) {
    try {
      return await git.text(['rev-parse', '--quiet', '--verify', '--end-of-options', `${candidate}^{commit}`])
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error
    }
  }
  return undefined
}

export async function readCommit(git: Git, sha: string): Promise<Commit> {
  const text = (await git.bytes(['cat-file', 'commit', sha])).toString('utf8')
  const end = text.indexOf('\n\n')
  const message = end === -1 ? '' : text.slice(end + 2)
  const headers = (end === -1 ? text : text.slice(0, end)).replaceAll('\n ', '\u0000').split('\n')
  const all = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const signature = all('gpgsig')[0]?.replaceAll('\u0000', '\n') ?? null
  const unsigned = headers.filter((line) => !line.startsWith('gpgsig ')).map((line) => line.replaceAll('\u0000', '\n '))
  return {
    sha,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: parseSignature(all('author')[0] ?? ''),
    committer: parseSignature(all('committer')[0] ?? ''),
    message,
    signature,
    payload: `${unsigned.join('\n')}\n\n${message}`,
  }
}

/** Writes a commit object; its id is the one that git itself would give these bytes. */
export async function writeCommit(git: Git, draft: Draft, signer?: CommitSigner): Promise<string> {
  const headers = [
    `tree ${draft.tree}`,
    ...draft.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(draft.author)}`,
    `committer ${formatSignature(draft.committer)}`,
  ]
  const payload = `${headers.join('\n')}\n\n${draft.message}`
  const signed = signer === undefined ? headers : [...headers, `gpgsig ${signer(payload).replaceAll('\n', '\n ')}`]
  return git.text(['hash-object', '-t', 'commit', '-w', '--stdin'], {
    input: `${signed.join('\n')}\n\n${draft.message}`,
  })
}

export function renderGitCommit(world: World, repo: Repository, commit: Commit) {
  const api = `${world.url}/repos/${repo.row.full_name}`
  const html = `${world.url}/${repo.row.full_name}`
  return {
    sha: commit.sha,
    node_id: commitNodeId(repo, commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message.replace(/\n$/, ''),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${html}/commit/${sha}`,
    })),
    verification: verificationOf(commit),
  }
}

/** A commit as the commits, compare and pull request lists show it. */
export function renderCommit(world: World, repo: Repository, commit: Commit) {
  const api = `${world.url}/repos/${repo.row.full_name}`
  const html = `${world.url}/${repo.row.full_name}`
  return {
    sha: commit.sha,
    node_id: commitNodeId(repo, commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message.replace(/\n$/, ''),
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: verificationOf(commit),
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: personOf(world, commit.author.email),
    committer: personOf(world, commit.committer.email),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/commit/${sha}` })),
  }
}

export const commitNodeId = (repo: Repository, sha: string): string => `${nodeId('Commit', repo.row.id)}_${sha}`

/** Throws GitHub's 422 when the commit is not in this repository. */
export async function demandCommit(repo: Repository, sha: string): Promise<string> {
  const found = isOid(sha) ? await resolveCommit(repo.git, sha) : undefined
  if (found === undefined) throw new Refused(422, `No commit found for SHA: ${sha}`)
  return found
}

function verificationOf(commit: Commit) {
  const verified = commit.signature !== null
  return {
    verified,
    reason: verified ? 'valid' : 'unsigned',
    signature: commit.signature,
    payload: verified ? commit.payload : null,
    verified_at: verified ? commit.committer.date : null,
  }
}

function personOf(world: World, email: string) {
  const login = /^\d+\+(.+)@users\.noreply\.github\.com$/.exec(email)?.[1]
  const user =
    login === undefined
      ? world.tables.users.all().find((candidate) => candidate.email === email)
      : userByLogin(world, login)
  return user === undefined ? null : renderUser(world, user)
}

function parseSignature(text: string): Signature {
  const found = /^(.*?) ?<(.*)> (\d+) [+-]\d{4}$/.exec(text)
  const seconds = Number(found?.[3] ?? 0)
  return {
    name: found?.[1] ?? '',
    email: found?.[2] ?? '',
    date: new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
  }
}

const clean = (text: string): string => text.replaceAll(/[<>\n\r]/g, '').trim()

function formatSignature({ name, email, date }: Signature): string {
  const at = Date.parse(date)
  if (Number.isNaN(at)) throw new Refused(422, 'Invalid request.', ['date: not an ISO 8601 timestamp'])
  return `${clean(name)} <${clean(email)}> ${Math.floor(at / 1000)} +0000`
}
