import type { StoreAtOnce } from '../../app/ledger.ts'
import type { Session } from './database.ts'
import { newestCheckpoint } from './sql-checkpoints.ts'
import { reading } from './sql-ledger.ts'
import { projectedStreams } from './sql-projections.ts'
import { listedEffects } from './sql-queue.ts'

/** The store as one session sees it. */
export function storeAt(session: Session): StoreAtOnce {
  return {
    ledger: reading(session),
    queue: { list: (stream) => listedEffects(session, stream) },
    projections: { streams: () => projectedStreams(session) },
    checkpoints: { newest: () => newestCheckpoint(session) },
  }
}
