import { TryLater, WillNotWork } from '../../app/ports.ts'

const RATE_LIMIT_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000
const SHORT_PAUSE_MS = 5_000

/** What GitHub answered to a request that it did not carry out. */
export type Rejection = {
  readonly status: number
  readonly message: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Makes a request and says in people's words what it was for when GitHub does not carry it out. */
export async function asked<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw toFailure(what, error)
  }
}

/** As `asked`, with undefined where GitHub answers that the thing is not there. */
export async function askedIfThere<T>(what: string, request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request()
  } catch (error) {
    if (rejectionIn(error)?.status === 404) return undefined
    throw toFailure(what, error)
  }
}

/** The answer inside an error of Octokit; undefined when there was none: the network, a time-out, a bug. */
export function rejectionIn(error: unknown): Rejection | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined
  const { response } = error
  if (!isObject(response) || !('headers' in response) || !isObject(response.headers)) return undefined
  if ('status' in error && typeof error.status === 'number') {
    return { status: error.status, message: messageOf(response, error.message), headers: { ...response.headers } }
  }
  return undefined
}

export function toFailure(what: string, error: unknown): Error {
  if (error instanceof TryLater || error instanceof WillNotWork) return error
  const rejection = rejectionIn(error)
  if (rejection === undefined) return withoutAnswer(what, error)
  if (isRateLimited(rejection))
    return new TryLater(`${what}: GitHub asks for a pause`, pauseFor(rejection.headers), error)
  if (rejection.status >= 500 || rejection.status === 408 || rejection.status === 409) {
    return new TryLater(`${what}: GitHub answered ${rejection.status}`, SHORT_PAUSE_MS, error)
  }
  return new WillNotWork(`${what}: ${sentenceFor(rejection)}`, { cause: error })
}

function withoutAnswer(what: string, error: unknown): Error {
  if (isNetworkFailure(error)) return new TryLater(`${what}: GitHub did not answer`, SHORT_PAUSE_MS, error)
  return error instanceof Error ? error : new Error(what, { cause: error })
}

/** Octokit tells a request that got no answer as a status of 500 without a response. */
function isNetworkFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('status' in error && error.status === 500) return true
  return error.name === 'AbortError' || error.name === 'TimeoutError' || error instanceof TypeError
}

function isRateLimited({ status, headers, message }: Rejection): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /rate limit|abuse detection/i.test(message)
  )
}

function pauseFor(headers: Rejection['headers']): number {
  const after = Number(headers['retry-after'] ?? Number.NaN)
  if (Number.isFinite(after) && after >= 0) return within(after * 1000)
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN)
  if (Number.isFinite(reset) && headers['x-ratelimit-remaining'] === '0') return within(reset * 1000 - Date.now())
  return RATE_LIMIT_PAUSE_MS
}

function within(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 1000), LONGEST_PAUSE_MS)
}

const SENTENCES: ReadonlyMap<number, string> = new Map([
  [401, 'GitHub did not accept the App’s key. Whoever runs this server must check APP_ID and PRIVATE_KEY.'],
  [403, 'the App has no permission for it. Someone who manages the installation must grant it.'],
  [404, 'it is not there, or the App may not see it.'],
  [410, 'it is gone.'],
])

/** What GitHub itself says of a 422 is kept, without its line breaks and at most a short sentence of it. */
function sentenceFor({ status, message }: Rejection): string {
  const known = SENTENCES.get(status)
  if (known !== undefined) return known
  return `GitHub answered ${status} (${message.replaceAll(/\s+/g, ' ').slice(0, 200)})`
}

function messageOf(response: object, otherwise: string): string {
  if (!('data' in response) || !isObject(response.data)) return otherwise
  const data = response.data
  const own = 'message' in data && typeof data.message === 'string' ? data.message : otherwise
  if (!('errors' in data) || !Array.isArray(data.errors)) return own
  return [own, ...data.errors.map(errorText)].filter((text) => text !== '').join('; ')
}

function errorText(error: unknown): string {
  if (typeof error === 'string') return error
  return isObject(error) && 'message' in error && typeof error.message === 'string' ? error.message : ''
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
