import { z } from 'zod'
import { type Approved, GithubSilent, type ReviewNow, type ReviewsNow } from '../../app/evidence/review-record.ts'
import { NotStrictJson, parseStrictJson } from '../../domain/strict-json.ts'

const PAGE = 100
const MOST_PAGES = 50
const TIMEOUT_MS = 15_000

const Id = z.union([z.int(), z.string()]).transform(String)
const Repository = z.object({ id: Id })
const Reviews = z.array(
  z.object({
    id: Id,
    user: z.object({ id: Id }).nullable(),
    commit_id: z.string().nullable(),
    state: z.string(),
  }),
)

export type ApiAddress = { readonly url: string; readonly token: string | null }

/** GitHub's review record, read as anybody who may see the repository. */
export function reviewsNow(api: ApiAddress): ReviewsNow {
  return async ({ repository, number }) => {
    const at = `/repos/${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}`
    await demandSame(api, at, repository)
    const found: ReviewNow[] = []
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const path = `${at}/pulls/${number}/reviews?per_page=${PAGE}&page=${page}`
      const reviews = await get(api, path, Reviews)
      found.push(...reviews.map(toReview))
      if (reviews.length < PAGE) return found
    }
    throw new GithubSilent(`pull request #${number} has more reviews than are read`)
  }
}

/** A name can pass to another repository; the id cannot. */
async function demandSame(api: ApiAddress, at: string, { id, owner, name }: Approved['repository']): Promise<void> {
  const found = await get(api, at, Repository)
  if (found.id !== id)
    throw new GithubSilent(`${owner}/${name} is another repository by now (id ${found.id}, not ${id})`)
}

function toReview({ id, user, commit_id, state }: z.infer<typeof Reviews>[number]): ReviewNow {
  return { id, userId: user?.id ?? null, commit: commit_id, state }
}

async function get<T>({ url, token }: ApiAddress, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await answerTo(`${url.replace(/\/+$/, '')}${path}`, token)
  if (response.status !== 200) throw new GithubSilent(refusalOf(path, response.status))
  const parsed = schema.safeParse(await bodyOf(path, response))
  if (parsed.success) return parsed.data
  throw new GithubSilent(`${path}: the answer is not one of GitHub’s`)
}

async function answerTo(address: string, token: string | null): Promise<Response> {
  const headers = {
    accept: 'application/vnd.github+json',
    'user-agent': 'agentos-verify',
    'x-github-api-version': '2022-11-28',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  try {
    return await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    throw new GithubSilent('GitHub did not answer', { cause: error })
  }
}

function refusalOf(path: string, status: number): string {
  return status === 404 || status === 401 || status === 403
    ? `GitHub does not show ${path} (${status})`
    : `GitHub answered ${status} to ${path}`
}

async function bodyOf(path: string, response: Response): Promise<unknown> {
  try {
    return parseStrictJson(new Uint8Array(await response.arrayBuffer()))
  } catch (error) {
    if (error instanceof NotStrictJson) throw new GithubSilent(`${path}: ${error.message}`, { cause: error })
    throw new GithubSilent(`${path}: the answer broke off`, { cause: error })
  }
}
