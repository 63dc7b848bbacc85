import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFromEnv, loadOrMakeKey } from '../../adapters/signing/keys.ts'
import { controllerKey } from '../../app/evidence/export.ts'
import type { Signer } from '../../app/ports.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type Stop, stop } from './stop.ts'

type Env = Readonly<Record<string, string | undefined>>

export function dataDirOf(env: Env): string {
  const given = env['AGENTOS_DATA']?.trim() ?? ''
  return given === '' ? '.agentos-data' : given
}

/** The key of this machine's user: of the environment, or kept in the data folder beside its public half. */
export async function localSigner(env: Env): Promise<Result<Signer, Stop>> {
  const given = env['AGENTOS_SIGNING_KEY']?.trim() ?? ''
  if (given !== '') {
    const signer = keyFromEnv(given)
    return signer.ok
      ? signer
      : refuse(stop(5, 'key', `AGENTOS_SIGNING_KEY ${signer.refusal}`, 'set it to the base64 of 32 random bytes'))
  }
  const folder = dataDirOf(env)
  try {
    const signer = await loadOrMakeKey(folder)
    await writeFile(join(folder, 'keys.json'), `${canonicalJson({ keys: [controllerKey(signer)] })}\n`)
    return ok(signer)
  } catch (error) {
    if (!(error instanceof Error && (error.name === 'UnusableKey' || 'code' in error))) throw error
    return refuse(stop(5, 'key', error.message, 'set AGENTOS_DATA to a folder that can be written'))
  }
}
