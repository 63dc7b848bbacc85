import { type OpenLedger, openLedger } from '../adapters/ledger/open.ts'
import { discreetStore } from '../app/outbound/discreet-store.ts'
import type { Clock, Signer } from '../app/ports.ts'
import type { Log } from '../app/worker.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import { earlierSigners, underOwnKey } from './controller-key.ts'
import type { Environment } from './environment.ts'

type Keeping = {
  readonly clock: Clock
  readonly signer: Signer
  readonly filter: SecretFilter
  readonly log: Log
  readonly stop: AbortController
}

/** The ledger under this server's key. When another server takes another key, this one stops its work. */
export async function ownStore(env: Environment, { clock, signer, filter, log, stop }: Keeping): Promise<OpenLedger> {
  const earlier = await earlierSigners(env)
  const place = {
    dataDir: env.AGENTOS_DATA,
    ...(env.DATABASE_URL === undefined ? {} : { databaseUrl: env.DATABASE_URL }),
  }
  const onLost = () => {
    log('error', 'another key is the current one of the ledger: this server records nothing any more', {
      key: signer.keyid,
      next: 'start it with the key that the other servers use',
    })
    stop.abort()
  }
  return underOwnKey(discreetStore(await openLedger(place), filter), { signer, earlier, clock, onLost })
}
