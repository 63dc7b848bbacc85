import type { Actor, PullRequestNow } from '../../app/ports.ts'
import { ObjectId } from '../../domain/hash.ts'
import type { OpenRepository } from './access.ts'
import { askedIfThere } from './failures.ts'

/** Null where no pull request has that number: an issue has none either. */
export async function pullRequestAt(
  { octokit, at, id }: OpenRepository,
  number: number,
): Promise<PullRequestNow | null> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}'
  const found = await askedIfThere(`Reading #${number}`, () => octokit.request(route, { ...at, pull_number: number }))
  if (found === undefined) return null
  const { title, body, user, head, base, state, merged } = found.data
  return {
    state: merged ? 'merged' : state === 'open' ? 'open' : 'closed',
    title,
    body: body ?? '',
    author: toAuthor(user),
    head: ObjectId.parse(head.sha),
    baseBranch: base.ref,
    isFork: isElsewhere(head.repo, id),
  }
}

/** A fork may be deleted while its pull request stands: GitHub then names no repository. */
function isElsewhere(repo: { readonly id: number | bigint } | null, id: string): boolean {
  return repo === null || String(repo.id) !== id
}

type User = { readonly id: number | bigint; readonly login: string; readonly type: string }

/** An account that is gone is shown as nobody. A kind that is not known counts as a program. */
export function toAuthor(user: User | null): Actor | null {
  if (user === null) return null
  const { id, login, type } = user
  return { id: String(id), login, kind: type === 'User' || type === 'Organization' ? type : 'Bot' }
}

/** By commit id, so that no branch name of a stranger is looked up; GitHub knows the commits of forks in the same network. */
export async function mergeBaseOf(
  { octokit, at }: OpenRepository,
  one: ObjectId,
  other: ObjectId,
): Promise<ObjectId | null> {
  const route = 'GET /repos/{owner}/{repo}/compare/{basehead}'
  const compared = await askedIfThere(`Comparing ${one} with ${other}`, () =>
    octokit.request(route, { ...at, basehead: `${one}...${other}`, per_page: 1 }),
  )
  return compared === undefined ? null : ObjectId.parse(compared.data.merge_base_commit.sha)
}
