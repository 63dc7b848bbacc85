import { reviewsNow } from '../../adapters/github/reviews-now.ts'
import { type Approved, type ComparedReview, compareReviews, GithubSilent } from '../../app/evidence/review-record.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type Stop, stop } from '../local/stop.ts'

/** The approvals of each run beside GitHub's own record of them. */
export type Compared = {
  readonly valid: boolean
  readonly runs: readonly (Pick<Approved, 'run' | 'number'> & { readonly reviews: readonly ComparedReview[] })[]
}

/** Refused where GitHub cannot be asked: what could not be compared is not valid. */
export async function askGithub(approved: readonly (Approved | null)[]): Promise<Result<Compared, Stop>> {
  const ask = reviewsNow({
    url: process.env['GITHUB_API_URL'] ?? 'https://api.github.com',
    token: process.env['GITHUB_TOKEN'] ?? null,
  })
  const byRun = new Map(approved.filter((one) => one !== null).map((one) => [one.run, one]))
  const runs: Compared['runs'][number][] = []
  try {
    for (const one of byRun.values())
      runs.push({ run: one.run, number: one.number, reviews: await compareReviews(one, ask) })
  } catch (error) {
    if (!(error instanceof GithubSilent)) throw error
    const next =
      'set GITHUB_TOKEN to a token that may read the repository, and GITHUB_API_URL where it is not on github.com'
    return refuse(stop(5, 'online', `${error.message}; nothing was compared`, next))
  }
  return ok({ valid: runs.every(({ reviews }) => reviews.every(({ is }) => is === 'matches')), runs })
}

export function onlineText({ valid, runs }: Compared): string {
  if (runs.length === 0) return 'GitHub: no review is said to have approved anything, so nothing was asked'
  const lines = runs.flatMap(({ run, number, reviews }) =>
    reviews.map(
      (one) =>
        `  run ${run}, #${number}, review ${one.review}: ${one.is}${one.is === 'differs' ? ` (${one.because})` : ''}`,
    ),
  )
  return [
    `GitHub: ${valid ? 'its review record says the same' : 'its review record does NOT say the same'}`,
    ...lines,
  ].join('\n')
}
