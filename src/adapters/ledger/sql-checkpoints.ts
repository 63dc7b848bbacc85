import type { Checkpoints } from '../../app/ledger.ts'
import type { Session } from './database.ts'
import { CheckpointRow } from './rows.ts'

const KEEP = `
  insert into agentos.checkpoint (file) values ($1)
  on conflict (newest) do update set file = excluded.file`

/** The newest signed state in a migrated database. */
export function sqlCheckpoints(session: Session): Checkpoints {
  return {
    newest: () => newestCheckpoint(session),
    keep: async (file) => void (await session.query(KEEP, [file])),
  }
}

export async function newestCheckpoint(session: Session): Promise<string | undefined> {
  const [row] = await session.query('select file from agentos.checkpoint')
  return row === undefined ? undefined : CheckpointRow.parse(row).file
}
