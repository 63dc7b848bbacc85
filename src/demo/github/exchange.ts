import type { z } from 'zod'
import type { Git } from './git.ts'
import type { RepoRow, UserRow } from './rows.ts'

/** Who makes a request. */
export type Actor =
  | { readonly is: 'anonymous' }
  | { readonly is: 'app-itself' }
  | { readonly is: 'user'; readonly user: UserRow }
  | {
      readonly is: 'installation'
      readonly user: UserRow
      readonly permissions: Readonly<Record<string, string>>
      /** Empty means every repository of the account. */
      readonly repositoryIds: readonly number[]
      readonly accountId: number
    }

export type SignedIn = Extract<Actor, { user: UserRow }>

/** A repository with its git side. */
export type Repository = { readonly row: RepoRow; readonly owner: string; readonly git: Git }

export type Received = {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
  readonly actor: Actor
}

/** A request to a repository's route, with its path parameters decoded. */
export type RepoCall = Received & {
  readonly actor: SignedIn
  readonly params: Readonly<Record<string, string>>
  readonly repo: Repository
}

export type Reply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly bytes?: Uint8Array
}

export type Route<C> = {
  readonly method: string
  readonly path: string
  readonly answer: (call: C) => Promise<Reply> | Reply
}

export type FieldError = { readonly resource: string; readonly code: string; readonly field?: string; message?: string }

/** GitHub's answer to a request that it will not carry out. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly errors: readonly (FieldError | string)[] | undefined

  constructor(status: number, message: string, errors?: readonly (FieldError | string)[]) {
    super(message)
    this.status = status
    this.errors = errors
  }
}

export const notFound = (): Refused => new Refused(404, 'Not Found')

export const invalid = (errors: readonly (FieldError | string)[]): Refused =>
  new Refused(422, 'Validation Failed', errors)

export const ok = (json: unknown): Reply => ({ status: 200, json })
export const created = (json: unknown): Reply => ({ status: 201, json })
export const noContent = (): Reply => ({ status: 204 })

/** Path parameter that the route's own pattern guarantees. */
export function param(call: { readonly params: Readonly<Record<string, string>> }, name: string): string {
  const value = call.params[name]
  if (value === undefined) throw notFound()
  return value
}

export function numberParam(call: { readonly params: Readonly<Record<string, string>> }, name: string): number {
  const text = param(call, name)
  if (!/^\d{1,15}$/.test(text)) throw notFound()
  return Number(text)
}

/** The request's JSON body in the given shape; anything else is GitHub's 400 or 422. */
export function bodyOf<T>(call: { readonly bytes: Buffer }, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(jsonOf(call.bytes))
  if (parsed.success) return parsed.data
  throw new Refused(
    422,
    'Invalid request.',
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  )
}

export function jsonOf(bytes: Buffer): unknown {
  if (bytes.length === 0) return {}
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Refused(400, 'Problems parsing JSON')
  }
}

/** One page of a list, with GitHub's Link header. */
export function page(call: { readonly url: URL }, items: readonly unknown[], wrap?: string): Reply {
  const perPage = Math.min(100, positive(call.url.searchParams.get('per_page'), 30))
  const at = positive(call.url.searchParams.get('page'), 1)
  const last = Math.max(1, Math.ceil(items.length / perPage))
  const link = (to: number, rel: string) => {
    const url = new URL(call.url)
    url.searchParams.set('page', String(to))
    return `<${url.href}>; rel="${rel}"`
  }
  const links = [
    ...(at > 1 ? [link(at - 1, 'prev'), link(1, 'first')] : []),
    ...(at < last ? [link(at + 1, 'next'), link(last, 'last')] : []),
  ]
  const shown = items.slice((at - 1) * perPage, at * perPage)
  return {
    status: 200,
    ...(links.length > 0 ? { headers: { link: links.join(', ') } } : {}),
    json: wrap === undefined ? shown : { total_count: items.length, [wrap]: shown },
  }
}

const positive = (text: string | null, otherwise: number): number =>
  text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : otherwise

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const MAX_BODY = 65_536

/** Texts beyond GitHub's limit are refused whole, never cut. */
export function refuseLongBody(resource: string, body: string | null | undefined): void {
  if ((body ?? '').length <= MAX_BODY) return
  throw invalid([
    { resource, code: 'custom', field: 'body', message: `body is too long (maximum is ${MAX_BODY} characters)` },
  ])
}
