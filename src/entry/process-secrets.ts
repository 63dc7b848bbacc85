import { secretsIn } from '../domain/secrets/known-secrets.ts'
import { type SecretFilter, secretFilter } from '../domain/secrets/secret-filter.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** The filter of a process: it knows the value of every secret in the environment that the process was started with. */
export function filterFor(variables: Variables): SecretFilter {
  return secretFilter(secretsIn(variables))
}
