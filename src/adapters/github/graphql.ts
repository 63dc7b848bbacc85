import { TryLater, WillNotWork } from '../../app/ports.ts'
import type { OpenRepository } from './access.ts'
import { toFailure } from './failures.ts'

/** GraphQL answers 200 also when it refuses; `refused` carries what it said. */
export type GraphqlOutcome = { readonly is: 'done' } | { readonly is: 'refused'; readonly because: string }

type Mutation = { readonly what: string; readonly text: string; readonly variables: Readonly<Record<string, unknown>> }

/** Runs one mutation whose answer matters only in whether it was refused. */
export async function mutate({ octokit }: OpenRepository, mutation: Mutation): Promise<GraphqlOutcome> {
  try {
    await octokit.graphql(mutation.text, { ...mutation.variables })
    return { is: 'done' }
  } catch (error) {
    const refusals = refusalsIn(error)
    if (refusals === undefined) throw toFailure(mutation.what, error)
    if (refusals.some(({ type }) => type === 'RATE_LIMITED')) {
      throw new TryLater(`${mutation.what}: GitHub asks for a pause`, 60_000, error)
    }
    return {
      is: 'refused',
      because: refusals
        .map(({ message }) => message)
        .join('; ')
        .slice(0, 300),
    }
  }
}

/** As `mutate`, where a refusal ends the effect. */
export async function mutateOrFail(open: OpenRepository, mutation: Mutation): Promise<void> {
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
