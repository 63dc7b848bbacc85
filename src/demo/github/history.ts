import { CONTENTS_READ, need } from './access.ts'
import { readCommit, renderCommit, resolveCommit } from './commits.ts'
import { diffFiles } from './diff.ts'
import { notFound, ok, page, param, Refused, type RepoCall, type Repository, type Route } from './exchange.ts'
import { isOid } from './git.ts'
import { listRefs, readRef } from './refs.ts'
import type { World } from './world.ts'

/** Commits, branches, compare and archives. */
export const historyRoutes = (world: World): readonly Route<RepoCall>[] => [
  { method: 'GET', path: '/repos/:owner/:repo/branches', answer: (call) => listBranches(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/branches/*branch', answer: (call) => getBranch(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/compare/*basehead', answer: (call) => compare(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/commits', answer: (call) => listCommits(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/commits/*ref', answer: (call) => getCommit(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/codeload/:sha', answer: (call) => codeload(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/tarball', answer: (call) => archive(world, call) },
  { method: 'GET', path: '/repos/:owner/:repo/tarball/*ref', answer: (call) => archive(world, call) },
]

async function listBranches(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const heads = (await listRefs(call.repo)).filter(({ ref }) => ref.startsWith('refs/heads/'))
  return page(
    call,
    heads.map(({ ref, sha }) => ({
      name: ref.slice('refs/heads/'.length),
      commit: { sha, url: `${world.url}/repos/${call.repo.row.full_name}/commits/${sha}` },
      protected: false,
    })),
  )
}

async function getBranch(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const name = param(call, 'branch')
  const sha = await readRef(call.repo, `refs/heads/${name}`)
  if (sha === undefined) throw new Refused(404, 'Branch not found')
  const self = `${world.url}/repos/${call.repo.row.full_name}/branches/${encodeURIComponent(name)}`
  return ok({
    name,
    commit: renderCommit(world, call.repo, await readCommit(call.repo.git, sha)),
    _links: { self, html: `${world.url}/${call.repo.row.full_name}/tree/${name}` },
    protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
    protection_url: `${self}/protection`,
  })
}

async function compare(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const [base, head] = param(call, 'basehead').split('...')
  const from = await resolveCommit(call.repo.git, withoutOwner(base ?? ''))
  const to = await resolveCommit(call.repo.git, withoutOwner(head ?? ''))
  if (from === undefined || to === undefined) throw notFound()
  if (!(await call.repo.git.succeeds(['merge-base', from, to]))) throw notFound()
  const mergeBase = (await call.repo.git.text(['merge-base', from, to])).trim()
  const ahead = await commitsBetween(call.repo, from, to)
  const behind = await commitsBetween(call.repo, to, from)
  const self = `${world.url}/repos/${call.repo.row.full_name}/compare/${from}...${to}`
  const html = `${world.url}/${call.repo.row.full_name}/compare/${from}...${to}`
  return ok({
    url: self,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: await rendered(world, call.repo, from),
    merge_base_commit: await rendered(world, call.repo, mergeBase),
    status: statusOf(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: await Promise.all(ahead.slice(0, 250).map((sha) => rendered(world, call.repo, sha))),
    files: (await diffFiles(world, call.repo, mergeBase, to)).slice(0, 300),
  })
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return 'diverged'
  if (ahead > 0) return 'ahead'
  return behind > 0 ? 'behind' : 'identical'
}

async function listCommits(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const query = call.url.searchParams
  const start = await resolveCommit(call.repo.git, query.get('sha') ?? call.repo.row.default_branch)
  if (start === undefined) throw notFound()
  const path = query.get('path')
  const limit = ['--max-count=1000', start]
  const list = await call.repo.git.text(['rev-list', ...limit, '--', ...(path === null ? [] : [`:(literal)${path}`])])
  const shown = page(call, list.split('\n').filter(isOid))
  const shas = Array.isArray(shown.json) ? shown.json.map(String) : []
  return { ...shown, json: await Promise.all(shas.map((sha) => rendered(world, call.repo, sha))) }
}

async function getCommit(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const sha = await resolveCommit(call.repo.git, param(call, 'ref'))
  if (sha === undefined) throw new Refused(422, `No commit found for SHA: ${param(call, 'ref')}`)
  if (/\.sha\b/.test(call.headers['accept'] ?? '')) return { status: 200, bytes: Buffer.from(sha) }
  const commit = await readCommit(call.repo.git, sha)
  const files = await diffFiles(world, call.repo, commit.parents[0], sha)
  const additions = files.reduce((sum, file) => sum + file.additions, 0)
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
  return ok({
    ...renderCommit(world, call.repo, commit),
    stats: { total: additions + deletions, additions, deletions },
    files,
  })
}

async function archive(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const sha = await resolveCommit(call.repo.git, call.params['ref'] ?? call.repo.row.default_branch)
  if (sha === undefined) throw notFound()
  return { status: 302, headers: { location: `${world.url}/repos/${call.repo.row.full_name}/codeload/${sha}` } }
}

/** What the archive route redirects to; GitHub serves it from another host. */
async function codeload(world: World, call: RepoCall) {
  need(world, call, CONTENTS_READ)
  const sha = await resolveCommit(call.repo.git, param(call, 'sha'))
  if (sha === undefined) throw notFound()
  const prefix = `--prefix=${call.repo.row.full_name.replace('/', '-')}-${sha.slice(0, 7)}/`
  const bytes = await call.repo.git.bytes(['archive', '--format=tar.gz', prefix, sha])
  return { status: 200, bytes, headers: { 'content-type': 'application/x-gzip' } }
}

/** Commits of `to` that `from` does not have, oldest first. */
export async function commitsBetween(repo: Repository, from: string, to: string): Promise<readonly string[]> {
  const list = await repo.git.text(['rev-list', '--reverse', '--topo-order', to, `^${from}`])
  return list.split('\n').filter(isOid)
}

const rendered = async (world: World, repo: Repository, sha: string) =>
  renderCommit(world, repo, await readCommit(repo.git, sha))

const withoutOwner = (label: string): string => label.slice(label.indexOf(':') + 1)
