import { TryLater, WillNotWork } from '../../app/ports.ts'
import type { OpenRepository } from './access.ts'
import { toFailure } from './failures.ts'

/** GraphQL answers 200 also when it refuses; `refused` carries what it said. */
export type GraphqlOutcome = { readonly is: 'done' } | { readonly is: 'refused'; readonly because: string }

type Operation = { readonly what: string; readonly text: string; readonly variables: Readonly<Record<string, unknown>> }

/** Runs one mutation whose answer matters only in whether it was refused. */
export async function mutate({ octokit }: OpenRepository, mutation: Operation): Promise<GraphqlOutcome> {
  try {
    await octokit.graphql(mutation.text, { ...mutation.variables })
    return { is: 'done' }
  } catch (error) {
    return toRefused(mutation.what, error)
  }
}

function toRefused(what: string, error: unknown): Extract<GraphqlOutcome, { is: 'refused' }> {
  const refusals = refusalsIn(error)
  if (refusals === undefined) throw toFailure(what, error)
  if (refusals.some(({ type }) => type === 'RATE_LIMITED')) {
    throw new TryLater(`${what}: GitHub asks for a pause`, 60_000, error)
  }
  const because = refusals.map(({ message }) => message).join('; ')
  return { is: 'refused', because: because.slice(0, 300) }
}

export type GraphqlAnswer =
  | { readonly is: 'answered'; readonly data: unknown }
  | Extract<GraphqlOutcome, { is: 'refused' }>

/** Asks one query. */
export async function query({ octokit }: OpenRepository, asked: Operation): Promise<GraphqlAnswer> {
  try {
    return { is: 'answered', data: await octokit.graphql<unknown>(asked.text, { ...asked.variables }) }
  } catch (error) {
    return toRefused(asked.what, error)
  }
}

/** As `mutate`, where a refusal ends the effect. */
export async function mutateOrFail(open: OpenRepository, mutation: Operation): Promise<void> {
  const outcome = await mutate(open, mutation)
  if (outcome.is === 'refused') throw new WillNotWork(`${mutation.what}: ${outcome.because.replaceAll(/\s+/g, ' ')}`)
}

type GraphqlRefusal = { readonly type: string; readonly message: string }

function refusalsIn(error: unknown): readonly GraphqlRefusal[] | undefined {
  if (!(error instanceof Error) || error.name !== 'GraphqlResponseError' || !('errors' in error)) return undefined
  return Array.isArray(error.errors) ? error.errors.map(toRefusal) : undefined
}

function toRefusal(error: unknown): GraphqlRefusal {
  if (typeof error !== 'object' || error === null) return { type: '', message: '' }
  return {
    type: 'type' in error && typeof error.type === 'string' ? error.type : '',
    message: 'message' in error && typeof error.message === 'string' ? error.message : '',
  }
}
