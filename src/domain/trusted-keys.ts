import { TrustedKeys } from './evidence.ts'
import { ok, type Result, refuse } from './result.ts'
import { NotStrictJson, parseStrictJson } from './strict-json.ts'

/** The repository's file of the keys that its jobs and its readers believe. */
export const KEYS_FILE = '.agentos/keys.json'

/** Reads a file of public keys: strict JSON, every key usable, named after itself and there once. */
export function readTrustedKeys(bytes: Uint8Array): Result<TrustedKeys, string> {
  try {
    const parsed = TrustedKeys.safeParse(parseStrictJson(bytes))
    if (parsed.success) return ok(parsed.data)
    const [issue] = parsed.error.issues
    return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}`)
  } catch (error) {
    if (error instanceof NotStrictJson) return refuse(error.message)
    throw error
  }
}
