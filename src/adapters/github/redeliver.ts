import type { Probot } from 'probot'
import { asked } from './failures.ts'

const PAGE = 100
const MOST_PAGES = 10
const MOST_AT_ONCE = 100

/** Asks GitHub to send once more what this App could not take in. Answers how many deliveries that were. */
export type Redeliver = () => Promise<number>

type Attempt = { readonly id: number; readonly guid: string; readonly status_code: number }

/**
 * GitHub sends a webhook once and never again by itself, so what arrives while no server listens would be lost. What is
 * asked for twice is known by its delivery id when it comes. Oldest first: news is taken in the order in which it was made.
 */
export function githubRedelivery(probot: Probot): Redeliver {
  return async () => {
    const octokit = await asked('Signing in as the App', () => probot.auth())
    let pages = 0
    const attempts: readonly Attempt[] = await asked('Looking for deliveries that failed', () =>
      octokit.paginate('GET /app/hook/deliveries', { per_page: PAGE }, ({ data }, done) => {
        pages += 1
        if (pages >= MOST_PAGES) done()
        return data
      }),
    )
    const missed = missedAmong(attempts).slice(0, MOST_AT_ONCE)
    for (const { id } of missed)
      await asked('Asking for a delivery again', () =>
        octokit.request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: id }),
      )
    return missed.length
  }
}

/** The newest attempt of each delivery of which no attempt was taken in, oldest first; `attempts` is newest first. */
export function missedAmong(attempts: readonly Attempt[]): readonly Attempt[] {
  const answered = new Set(attempts.filter(({ status_code }) => !isWorthAgain(status_code)).map(({ guid }) => guid))
  const seen = new Set<string>()
  const missed: Attempt[] = []
  for (const attempt of attempts) {
    if (!answered.has(attempt.guid) && !seen.has(attempt.guid)) missed.push(attempt)
    seen.add(attempt.guid)
  }
  return missed.toReversed()
}

/** A delivery that was refused would be refused again; one that met nobody, or a server in trouble, may be kept the next time. */
function isWorthAgain(status: number): boolean {
  return status < 100 || status === 408 || status === 429 || status >= 500
}
