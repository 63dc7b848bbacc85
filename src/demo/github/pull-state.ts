import { announcePull } from './events.ts'
import type { Repository } from './exchange.ts'
import { issueOf } from './render.ts'
import type { UserRow } from './rows.ts'
import type { Pull, World } from './world.ts'

type At = { readonly repo: Repository; readonly pull: Pull; readonly sender: UserRow }

/** Closes a pull request, as merged when a commit is given in which it landed. */
export function closeBecauseOf(world: World, { repo, pull, sender }: At, mergeCommit?: string): void {
  const now = world.now()
  if (mergeCommit !== undefined) {
    pull.mergedAt = now
    pull.mergedById = sender.id
    pull.mergeCommitSha = mergeCommit
  }
  const issue = issueOf(world, repo.row, pull.number)
  if (issue === undefined) return
  world.tables.issues.update(issue.id, { state: 'closed', closed_at: now, closed_by_id: sender.id })
  countOpen(world, repo, -1)
  announcePull(world, { repo, pull, sender }, 'closed')
}

export function countOpen(world: World, repo: Repository, by: 1 | -1): void {
  const row = world.tables.repos.get(repo.row.id)
  if (row !== undefined)
    world.tables.repos.update(row.id, { open_issues_count: Math.max(0, row.open_issues_count + by) })
}
