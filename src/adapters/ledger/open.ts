import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Checkpoints, EffectQueue, Inbox, Ledger, Projections, Snapshot } from '../../app/ledger.ts'
import type { MemoryIndex } from '../../app/memory-index.ts'
import type { Database } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import { migrate, shippedMigrations } from './migrate.ts'
import { pgDatabase } from './pg.ts'
import { pgliteDatabase } from './pglite.ts'
import { ERASED_CHANNEL, WORK_CHANNEL } from './record.ts'
import { rememberedBlobs } from './remembered-blobs.ts'
import { sqlCheckpoints } from './sql-checkpoints.ts'
import { sqlInbox } from './sql-inbox.ts'
import { sqlLedger } from './sql-ledger.ts'
import { sqlMemory } from './sql-memory.ts'
import { sqlProjections } from './sql-projections.ts'
import { sqlQueue } from './sql-queue.ts'
import { storeAt } from './sql-snapshot.ts'
import { wakeup } from './wakeup.ts'

/** An open store. `notice` is a sentence for whoever starts the program. */
export type OpenLedger = {
  readonly ledger: Ledger
  readonly queue: EffectQueue
  readonly inbox: Inbox
  readonly projections: Projections
  readonly memory: MemoryIndex
  readonly checkpoints: Checkpoints
  readonly snapshot: Snapshot
  readonly notice?: string
  readonly close: () => Promise<void>
}

/** Without `databaseUrl` the ledger is embedded in this process, under `dataDir`, which no other process may have open. */
export type LedgerPlace = { readonly databaseUrl?: string; readonly dataDir: string }

export async function openLedger({ databaseUrl, dataDir }: LedgerPlace): Promise<OpenLedger> {
  return databaseUrl === undefined ? openEmbedded(resolve(dataDir)) : openDatabase(pgDatabase(databaseUrl))
}

/** Migrates a database and puts the ports over it; closes it when that fails. */
export async function openDatabase(database: Database): Promise<OpenLedger> {
  try {
    await migrate(database, await shippedMigrations())
    const { ledger, forget } = rememberedBlobs(sqlLedger(database))
    const [effects, deliveries] = [wakeup(), wakeup()]
    const unlisten = await database.listen(WORK_CHANNEL, (about) => {
      if (about === 'effects' || about === undefined) effects.call()
      if (about === 'deliveries' || about === undefined) deliveries.call()
    })
    const unlistenErased = await database.listen(ERASED_CHANNEL, forget)
    return {
      ledger,
      queue: sqlQueue(database, effects),
      inbox: sqlInbox(database, deliveries),
      projections: sqlProjections(database),
      memory: sqlMemory(database),
      checkpoints: sqlCheckpoints(database),
      snapshot: (look) => database.snapshot((session) => look(storeAt(session))),
      async close() {
        await unlistenErased()
        await unlisten()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Who opens the directory is alone with it, so what an earlier process had taken is free. */
const NOBODY_ELSE = `
  delete from agentos.lease;
  update agentos.delivery set owner = null, until = null where status = 'waiting';`

async function openEmbedded(dataDir: string): Promise<OpenLedger> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const unlock = await lockDirectory(join(dataDir, 'ledger.lock'), dataDir)
  try {
    const database = await pgliteDatabase(join(dataDir, 'ledger'))
    const open = await openDatabase(database)
    await database.script(NOBODY_ELSE)
    return {
      ...open,
      notice: `The ledger is embedded in ${dataDir}: good for trying out and for one user, not safe against a power failure. Set DATABASE_URL for anything else.`,
      async close() {
        await open.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}
