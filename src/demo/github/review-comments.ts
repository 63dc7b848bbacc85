import { z } from 'zod'
import { need, PULLS_READ } from './access.ts'
import { diffFiles } from './diff.ts'
import { invalid, page, type RepoCall, type Repository, type Route } from './exchange.ts'
import { demandPull } from './find-pull.ts'
import { associationOf, renderUserById } from './render.ts'
import type { RepoRow } from './rows.ts'
import { nodeId, type Pull, type Review, type ReviewComment, type World } from './world.ts'

/** A comment beside a line, as one writes it together with a review. */
export const NewReviewComment = z.object({
  path: z.string().min(1),
  body: z.string().min(1),
  line: z.int().min(1),
  side: z.enum(['LEFT', 'RIGHT']).default('RIGHT'),
})

export const reviewCommentRoutes = (world: World): readonly Route<RepoCall>[] => [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number/comments',
    answer: (call) => {
      need(world, call, PULLS_READ)
      const { pull } = demandPull(world, call)
      const shown = [...world.reviews.values()].filter(
        (review) => review.repoId === pull.repoId && review.pullNumber === pull.number && review.state !== 'PENDING',
      )
      return page(
        call,
        shown.flatMap((review) => review.comments.map((comment) => render(world, call.repo.row, { review, comment }))),
      )
    },
  },
]

type Reviewed = { readonly repo: Repository; readonly pull: Pull; readonly commitId: string }

/** GitHub takes comments only on files that the pull request changes. */
export async function demandChangedPaths(
  world: World,
  { repo, pull, commitId }: Reviewed,
  comments: readonly { readonly path: string }[],
): Promise<void> {
  if (comments.length === 0) return
  const files = await diffFiles(world, repo, pull.baseSha, commitId)
  const changed = new Set(files.map(({ filename }) => filename))
  if (comments.some(({ path }) => !changed.has(path)))
    throw invalid([{ resource: 'PullRequestReviewComment', code: 'invalid', field: 'path' }])
}

type Written = { readonly review: Review; readonly comment: ReviewComment }

function render(world: World, repo: RepoRow, { review, comment }: Written) {
  const { pullNumber, commitId, submittedAt } = review
  const pull = `${world.url}/repos/${repo.full_name}/pulls/${pullNumber}`
  const self = `${world.url}/repos/${repo.full_name}/pulls/comments/${comment.id}`
  const html = `${world.url}/${repo.full_name}/pull/${pullNumber}#discussion_r${comment.id}`
  return {
    id: comment.id,
    node_id: nodeId('PullRequestReviewComment', comment.id),
    url: self,
    pull_request_review_id: review.id,
    diff_hunk: '',
    path: comment.path,
    line: comment.line,
    original_line: comment.line,
    side: comment.side,
    commit_id: commitId,
    original_commit_id: commitId,
    user: renderUserById(world, review.userId),
    body: comment.body,
    created_at: submittedAt,
    updated_at: submittedAt,
    html_url: html,
    pull_request_url: pull,
    author_association: associationOf(world, repo, review.userId),
    _links: { self: { href: self }, html: { href: html }, pull_request: { href: pull } },
  }
}
