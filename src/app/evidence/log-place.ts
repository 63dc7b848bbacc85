import type { LogPlace } from '../../domain/evidence.ts'
import type { TreeHead } from '../../domain/merkle.ts'
import { proofOfMany } from '../../domain/merkle-many.ts'
import { BrokenRecord } from '../../domain/packs/documents.ts'
import { type LogSource, sealLog } from '../checkpoints.ts'
import type { LogAt } from '../log-tree.ts'
import type { PlaceInLog } from './export.ts'

type Source = Pick<LogSource, 'log' | 'signer' | 'clock'>

/** Places events against a checkpoint made for them; with an earlier state also the proof that the log only grew since. */
export function placeInLog({ log, signer, clock }: Source, earlier: TreeHead | null = null): PlaceInLog {
  return async (positions) => placeAt(await log(), { signer, clock }, { positions, earlier })
}

/** As `placeInLog`, in a log that is read already. Throws BrokenRecord where it cannot be spoken for. */
export function placeAt(
  log: LogAt,
  by: Pick<Source, 'signer' | 'clock'>,
  { positions, earlier }: { readonly positions: readonly number[]; readonly earlier: TreeHead | null },
): LogPlace {
  const made = sealLog(log, by, earlier)
  if (!made.ok) throw new BrokenRecord(made.refusal)
  const indices = positions.map((position) => position - 1)
  return { ...made.value, proof: [...proofOfMany(log.head.size, indices, log.rootOver)] }
}
