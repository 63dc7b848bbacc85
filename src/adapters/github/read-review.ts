import type { ReviewRead } from '../../app/ports.ts'
import { ObjectId } from '../../domain/hash.ts'
import type { OpenRepository } from './access.ts'
import { asked } from './failures.ts'
import { toAuthor } from './pull-request.ts'

const STATES: ReadonlyMap<string, ReviewRead['state']> = new Map([
  ['APPROVED', 'approved'],
  ['CHANGES_REQUESTED', 'changes_requested'],
  ['COMMENTED', 'commented'],
  ['DISMISSED', 'dismissed'],
])

const MOST_COMMENTS = 100

type Wanted = { readonly id: string | null; readonly commit: ObjectId }

/** A review that is named, or the newest that requests changes on a commit. One that was not submitted is none. */
export async function reviewAt(
  open: OpenRepository,
  number: number,
  { id, commit }: Wanted,
): Promise<ReviewRead | null> {
  const reviews = await reviewsOf(open, number)
  const found = reviews.findLast((review) =>
    id === null ? review.state === 'changes_requested' && review.commit === commit : review.id === id,
  )
  if (found === undefined) return null
  return { ...found, comments: await commentsIn(open, number, found) }
}

async function reviewsOf(
  { octokit, at }: OpenRepository,
  number: number,
): Promise<readonly Omit<ReviewRead, 'comments'>[]> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews'
  const found = await asked(`Reading the reviews of #${number}`, () =>
    octokit.paginate(route, { ...at, pull_number: number, per_page: 100 }),
  )
  return found.flatMap((review) => {
    const state = STATES.get(review.state.toUpperCase())
    const commit = ObjectId.nullable().parse(review.commit_id)
    return state === undefined ? [] : [{ id: String(review.id), state, commit, author: toAuthor(review.user) }]
  })
}

/** What the review's own author wrote in it; GitHub lists with their lines only the comments of the whole pull request. */
async function commentsIn(
  { octokit, at }: OpenRepository,
  number: number,
  { id, author }: Pick<ReviewRead, 'id' | 'author'>,
): Promise<ReviewRead['comments']> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments'
  const found = await asked(`Reading the review comments of #${number}`, () =>
    octokit.paginate(route, { ...at, pull_number: number, per_page: 100 }),
  )
  return found
    .filter((comment) => String(comment.pull_request_review_id) === id && toAuthor(comment.user)?.id === author?.id)
    .slice(0, MOST_COMMENTS)
    .map(({ path, line, original_line: original, body }) => ({ path, line: line ?? original ?? null, body }))
}
