import { z } from 'zod'
import { parseCanonical } from '../../domain/canonical.ts'
import { type ObjectId, Sha256 } from '../../domain/hash.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import type { EvidenceFault } from '../evidence/open-bundle.ts'
import type { WholeClone } from '../verify-repository.ts'
import type { Push } from './evidence-ref.ts'

/**
 * What a push held of a run, every later one holds as well or goes on from: whoever may sign for the log, an account that was
 * given once is not taken back. `pushes` begin with the newest.
 */
export async function faultsInAccounts(
  clone: Pick<WholeClone, 'blobs'>,
  pushes: readonly Push[],
): Promise<readonly EvidenceFault[]> {
  const faults: EvidenceFault[] = []
  for (const [at, { commit, accounts }] of pushes.entries())
    for (const [path, earlier] of pushes[at + 1]?.accounts ?? []) {
      const where = `push ${commit} of evidence, ${path}`
      const later = accounts.get(path)
      if (later === undefined) faults.push({ fault: 'the push before it held it, and it is gone', where })
      else if (later !== earlier && !(await goesOn(clone, earlier, later)))
        faults.push({ fault: 'it does not go on from what the push before it held', where })
    }
  return faults
}

/** Whether an account holds the events of the earlier one, and at most more. What cannot be read goes on from nothing. */
async function goesOn(clone: Pick<WholeClone, 'blobs'>, earlier: ObjectId, later: ObjectId): Promise<boolean> {
  const bytes = await clone.blobs([earlier, later])
  const [before, after] = [earlier, later].map((blob) => hashesIn(bytes.get(blob)))
  return before !== undefined && after?.[before.length - 1] === before.at(-1)
}

const Account = z.looseObject({ events: z.array(z.looseObject({ hash: Sha256 })).min(1) })

function hashesIn(bytes: Uint8Array | undefined): readonly Sha256[] | undefined {
  const account = Account.safeParse(parseCanonical(fromUtf8(bytes ?? new Uint8Array()) ?? ''))
  return account.success ? account.data.events.map(({ hash }) => hash) : undefined
}
