import { userInfo } from 'node:os'
import { memoryLedger } from '../../adapters/ledger/memory.ts'
import { journal } from '../../app/journal.ts'
import type { Ledger } from '../../app/ledger.ts'
import type { LocalRun } from '../../app/local-run.ts'
import { discreetRecord } from '../../app/outbound/discreet-store.ts'
import type { Signer } from '../../app/ports.ts'
import type { JobEnd } from '../../app/runner/run-job.ts'
import { thisEngine } from '../engine.ts'
import { filterFor } from '../process-secrets.ts'
import { repositoryRefFor } from './clone-facts.ts'
import type { GovernedClone } from './governed-clone.ts'
import type { LocalClocks } from './local-clock.ts'
import { localPerformers } from './local-performers.ts'

/** A run that is about to begin on a clone. */
export type OpenedLocal = {
  readonly local: LocalRun
  readonly ledger: Ledger
  /** How the jobs ended, in order. */
  readonly ends: readonly JobEnd[]
  /** What broke though nobody expected it. */
  readonly broken: readonly unknown[]
}

/** Puts the core over a clone: a ledger that lives as long as this process, the clone's performers, this machine's user. */
export async function openLocal(clone: GovernedClone, clocks: LocalClocks, signer: Signer): Promise<OpenedLocal> {
  const filter = filterFor(process.env)
  const { ledger, queue } = discreetRecord(memoryLedger(), filter)
  const runs = journal({ ledger, queue })
  const ends: JobEnd[] = []
  const broken: unknown[] = []
  const performers = await localPerformers({
    repository: clone.repository,
    ledger,
    journal: runs,
    signer,
    clocks,
    filter,
    ended: (end) => ends.push(end),
    broke: (error) => broken.push(error),
  })
  const clock = clocks.record
  const local: LocalRun = {
    journal: runs,
    worker: { ledger, queue, journal: runs, performers, signer, clock, log: silence, filter, name: 'local' },
    clock,
    repository: await repositoryRefFor(clone.dir, clone.base),
    reader: clone.repository,
    user: thisUser(),
    engine: thisEngine(),
  }
  return { local, ledger, ends, broken }
}

/** What goes wrong is in the record and in the exit code. */
function silence(): void {
  return undefined
}

/** Ids begin at 1, and the system's at 0. */
function thisUser(): LocalRun['user'] {
  const { uid, username } = userInfo()
  return { id: String(Math.max(uid, 0) + 1), name: username.slice(0, 100) }
}
