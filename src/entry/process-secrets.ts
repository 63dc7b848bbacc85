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

/** The signing keys, of now and of before, that a server without given ones keeps beside its ledger. */
export function keptKeys(dataDir: string): readonly KnownSecret[] {
  const files = ['signing-key', 'previous-signing-key'].map((name) => join(dataDir, name)).filter(existsSync)
  return files.map((file) => ({ kind: 'AGENTOS_SIGNING_KEY', value: readFileSync(file, 'utf8').trim() }))
}
