import type { RepoCall, Repository } from './exchange.ts'
import { findRepository, type Pull, type World } from './world.ts'

/** `branch`, or `owner:branch` of a fork; a fork has the name of what it was forked from. */
export function headIn(world: World, { repo }: RepoCall, label: string) {
  const [owner, head] = label.includes(':') ? label.split(/:(.*)/s) : [repo.owner, label]
  return { head: head ?? '', from: findRepository(world, owner ?? '', repo.row.name) }
}

/** A repository has the commits of every pull request that asks it for a merge, those of forks too. */
export async function takeHead(repo: Repository, from: Repository, sha: string): Promise<void> {
  if (from.row.id !== repo.row.id) await repo.git.bytes(['fetch', '--quiet', from.git.dir, sha])
}

export const headRepositoryOf = (world: World, pull: Pull): Repository | undefined =>
  world.repositories.get(pull.headRepoId)

export const headLabel = (world: World, pull: Pull): string =>
  `${headRepositoryOf(world, pull)?.owner ?? ''}:${pull.headRef}`
