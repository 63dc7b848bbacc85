import { notFound, numberParam, type RepoCall, type Repository } from './exchange.ts'
import { issueOf } from './render.ts'
import type { IssueRow } from './rows.ts'
import { type Pull, pullKey, type World } from './world.ts'

/** A pull request and the issue that it also is. */
export type Found = { readonly pull: Pull; readonly issue: IssueRow }

export function demandPull(world: World, call: RepoCall): Found {
  const number = numberParam(call, 'number')
  const pull = world.pulls.get(pullKey(call.repo.row.id, number))
  const issue = issueOf(world, call.repo.row, number)
  if (pull === undefined || issue === undefined) throw notFound()
  return { pull, issue }
}

export function demandIssue(world: World, repo: Repository, pull: Pull): IssueRow {
  const issue = issueOf(world, repo.row, pull.number)
  if (issue === undefined) throw notFound()
  return issue
}
