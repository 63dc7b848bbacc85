import type { ObjectId } from '../../domain/hash.ts'
import type { RunId } from '../../domain/ids.ts'
import { type RunState, told } from '../../domain/run/state.ts'

/** The reviews that a run's evidence says it was approved by, and where GitHub keeps its own record of them. */
export type Approved = {
  readonly run: RunId
  readonly repository: { readonly id: string; readonly owner: string; readonly name: string }
  readonly number: number
  readonly reviews: readonly { readonly id: string; readonly userId: string; readonly commit: ObjectId | null }[]
}

/** A review as GitHub shows it now; its author is null where the account is gone. */
export type ReviewNow = {
  readonly id: string
  readonly userId: string | null
  readonly commit: string | null
  readonly state: string
}

/** Asks GitHub for all reviews of a pull request. Throws GithubSilent where it cannot be asked. */
export type ReviewsNow = (approved: Pick<Approved, 'repository' | 'number'>) => Promise<readonly ReviewNow[]>

/** GitHub could not be asked, or does not show what was asked for: nothing can be compared. The message is for people. */
export class GithubSilent extends Error {
  override readonly name = 'GithubSilent'
}

export type ComparedReview = { readonly review: string } & (
  | { readonly is: 'matches' | 'gone' }
  | { readonly is: 'differs'; readonly because: string }
)

/** Null where no review on GitHub is said to have approved anything. */
export function approvedIn(state: RunState): Approved | null {
  const attested = state.approvals.filter(({ authority }) => authority === 'github')
  if (attested.length === 0) return null
  const { run, repository } = told(state.request, 'the request')
  const { id, owner, name } = repository
  return {
    run,
    repository: { id, owner, name },
    number: told(state.pullRequest, 'the pull request').number,
    reviews: attested.map(({ reviewId, userId, commit }) => ({ id: reviewId, userId, commit })),
  }
}

/** Compares each approval of the evidence with GitHub's own record, which a dismissal changes too. */
export async function compareReviews(approved: Approved, reviewsNow: ReviewsNow): Promise<readonly ComparedReview[]> {
  const found = new Map((await reviewsNow(approved)).map((one) => [one.id, one]))
  return approved.reviews.map((said) => {
    const now = found.get(said.id)
    if (now === undefined) return { review: said.id, is: 'gone' }
    const because = differences(said, now)
    return because === '' ? { review: said.id, is: 'matches' } : { review: said.id, is: 'differs', because }
  })
}

function differences(said: Approved['reviews'][number], now: ReviewNow): string {
  return [
    ...difference('its author', now.userId, said.userId),
    ...difference('its commit', now.commit, said.commit),
    ...difference('its state', now.state, 'APPROVED'),
  ].join('; ')
}

function difference(what: string, is: string | null, was: string | null): readonly string[] {
  return is === was ? [] : [`${what} is ${is ?? 'gone'}, the evidence says ${was ?? 'none'}`]
}
