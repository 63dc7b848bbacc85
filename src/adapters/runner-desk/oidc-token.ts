import { z } from 'zod'
import { ok, type Result, refuse } from '../../domain/result.ts'

/** Gives a token that is good for some time yet, or says why there is none. */
export type TokenSource = () => Promise<Result<string, string>>

export type TokenRequest = {
  /** `ACTIONS_ID_TOKEN_REQUEST_URL`, which has a query already. */
  readonly url: string
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN` */
  readonly token: string
  readonly audience: string
}

const Answer = z.object({ value: z.string().min(1) })
const Expiry = z.object({ exp: z.int() })
const EARLY_MS = 60_000
const PATIENCE_MS = 20_000

/** Asks GitHub for the job's OIDC token, and for a fresh one when the old one is near its end. */
export function oidcTokens(request: TokenRequest): TokenSource {
  let held: { readonly token: string; readonly untilMs: number } | undefined
  return async () => {
    if (held !== undefined && Date.now() < held.untilMs - EARLY_MS) return ok(held.token)
    const fresh = await fetchToken(request)
    if (fresh.ok) held = { token: fresh.value, untilMs: expiryOf(fresh.value) }
    return fresh
  }
}

async function fetchToken({ url, token, audience }: TokenRequest): Promise<Result<string, string>> {
  try {
    const response = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (!response.ok) return refuse(`the job's OIDC token is refused with ${response.status}`)
    const answer = Answer.safeParse(await response.json())
    return answer.success ? ok(answer.data.value) : refuse('the answer holds no OIDC token')
  } catch (error) {
    return refuse(`the job's OIDC token cannot be fetched: ${error instanceof Error ? error.name : 'unknown'}`)
  }
}

/** When the token says it ends; 0 for one that does not say, so that it is used once. */
function expiryOf(token: string): number {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const parsed = Expiry.safeParse(payload)
    return parsed.success ? parsed.data.exp * 1000 : 0
  } catch (error) {
    if (error instanceof SyntaxError) return 0
    throw error
  }
}
