import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type OpenLedger, openLedger } from '../../adapters/ledger/open.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { dataDirOf } from './local-signer.ts'
import { type Stop, stop } from './stop.ts'

/** Opens the server's ledger to look at it; none is made where there is none. */
export async function keptLedger(env: Readonly<Record<string, string | undefined>>): Promise<Result<OpenLedger, Stop>> {
  const databaseUrl = env['DATABASE_URL']?.trim() ?? ''
  const dataDir = dataDirOf(env)
  if (databaseUrl === '' && !existsSync(join(dataDir, 'ledger')))
    return refuse(
      stop(
        5,
        'ledger',
        `there is no ledger in ${dataDir}`,
        'set DATABASE_URL, or AGENTOS_DATA to the folder that the server uses',
      ),
    )
  try {
    return ok(await openLedger(databaseUrl === '' ? { dataDir } : { databaseUrl, dataDir }))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return refuse(
      stop(
        5,
        'ledger',
        `the ledger cannot be opened: ${error.message}`,
        'see that the database runs and nobody else has the folder open',
      ),
    )
  }
}
