import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretsIn } from '../domain/secrets/known-secrets.ts'
import type { KnownSecret } from '../domain/secrets/needles.ts'
import { type SecretFilter, secretFilter } from '../domain/secrets/secret-filter.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** The filter of a process: it knows the value of every secret in the environment that the process was started with. */
export function filterFor(variables: Variables, more: readonly KnownSecret[] = []): SecretFilter {
  return secretFilter([...secretsIn(variables), ...more])
}

/** The signing key that a server without a given one keeps beside its ledger. */
export function keptKey(dataDir: string): readonly KnownSecret[] {
  const file = join(dataDir, 'signing-key')
  return existsSync(file) ? [{ kind: 'AGENTOS_SIGNING_KEY', value: readFileSync(file, 'utf8').trim() }] : []
}
