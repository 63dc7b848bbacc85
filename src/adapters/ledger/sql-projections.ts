import type { EffectProjector, Projections } from '../../app/ledger.ts'
import type { StreamName } from '../../domain/ids.ts'
import type { Database, Session } from './database.ts'
import { toRebuilt } from './prepare.ts'
import { recordEffects, wake } from './record.ts'
import { toStream } from './rows.ts'
import { readFrom } from './sql-ledger.ts'

/**
 * Throws the effects away and makes them again from the log, while nobody appends. Leases stay: who has an effect in hand
 * keeps it.
 */
export function sqlProjections(database: Database): Projections {
  return {
    streams: () => projectedStreams(database),
    drop: () => database.exclusive(clear),
    rebuild: (project) => database.exclusive((session) => rebuild(session, project)),
  }
}

export async function projectedStreams(session: Session): Promise<readonly StreamName[]> {
  const rows = await session.query('select distinct stream from agentos.effect order by stream')
  return rows.map(toStream)
}

async function clear(session: Session): Promise<void> {
  await session.script('delete from agentos.effect')
}

async function rebuild(session: Session, project: EffectProjector): Promise<number> {
  await clear(session)
  const rows = await session.query('select stream from agentos.event where seq = 1 order by pos')
  let count = 0
  for (const stream of rows.map(toStream)) {
    const events = await readFrom(session, stream)
    const entries = project(stream, events).map((effect) => toRebuilt(effect, events))
    await recordEffects(session, entries)
    count += entries.length
  }
  await wake(session, 'effects')
  return count
}
