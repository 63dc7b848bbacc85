import type { EffectKey, RunId } from '../../domain/ids.ts'
import type { GithubAccess, OpenRepository } from './access.ts'
import { asked } from './failures.ts'

/** The trace of an effect in a text of ours: invisible to readers, found again after an uncertain attempt. */
export function effectMarker(key: EffectKey): string {
  return `<!-- agentos:effect=${key} -->`
}

export function cardMarker(run: RunId): string {
  return `<!-- agentos:card run=${run} -->`
}

export function planMarker(run: RunId): string {
  return `<!-- agentos:plan run=${run} -->`
}

export type OwnComment = { readonly id: number; readonly body: string }

/** The App's own comments on an issue or pull request, oldest first. */
export async function ownComments(
  access: GithubAccess,
  { octokit, at }: OpenRepository,
  number: number,
): Promise<readonly OwnComment[]> {
  const { botId } = await access.own()
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
  const found = await asked(`Reading the comments of #${number}`, () =>
    octokit.paginate(route, { ...at, issue_number: number, per_page: 100 }),
  )
  return found
    .filter((comment) => String(comment.user?.id) === botId)
    .map((comment) => ({ id: comment.id, body: comment.body ?? '' }))
}

/** Markers stand on the last lines, where no text that is quoted above can put one. */
export function carries(body: string, marker: string): boolean {
  const lines = body.trimEnd().split('\n')
  return lines.slice(-2).some((line) => line.trim() === marker)
}

/** Comments on an issue or pull request, and answers the id. */
export async function postComment({ octokit, at }: OpenRepository, number: number, body: string): Promise<string> {
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
  const { data } = await asked(`Commenting on #${number}`, () =>
    octokit.request(route, { ...at, issue_number: number, body }),
  )
  return String(data.id)
}
