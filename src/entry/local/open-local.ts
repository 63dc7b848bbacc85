import { userInfo } from 'node:os'
import { parseYaml } from '../../adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../adapters/control/shipped-pack.ts'
import { type LocalRepository, localRepository } from '../../adapters/git/local-repository.ts'
import { memoryLedger } from '../../adapters/ledger/memory.ts'
import { type ControlPlane, controlPlaneAt, refusalText } from '../../app/control-plane.ts'
import { journal } from '../../app/journal.ts'
import type { Ledger } from '../../app/ledger.ts'
import type { LocalRun } from '../../app/local-run.ts'
import type { Signer } from '../../app/ports.ts'
import type { JobEnd } from '../../app/runner/run-job.ts'
import type { ControlFile } from '../../domain/control/load-manifest.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { thisEngine } from '../engine.ts'
import { modules } from '../modules.ts'
import { filterFor } from '../process-secrets.ts'
import { repositoryRefFor } from './clone-facts.ts'
import type { LocalClocks } from './local-clock.ts'
import { localPerformers } from './local-performers.ts'
import { remembering } from './remembering.ts'
import { type Stop, stop } from './stop.ts'

/** A clone at one commit, under the control plane that this commit has. */
export type GovernedClone = {
  readonly dir: string
  readonly repository: LocalRepository
  readonly base: ObjectId
  readonly control: ControlPlane
}

/** Opens the clone at exactly this folder. */
export async function openClone(dir: string): Promise<Result<LocalRepository, Stop>> {
  try {
    return ok(remembering(await localRepository(dir)))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (error.cause instanceof Error && isAbsent(error.cause))
      return refuse(stop(5, 'git', 'git cannot be run', 'install git'))
    const because = isAbsent(error) ? `there is no folder ${dir}` : `${dir}: ${error.message}`
    return refuse(stop(2, 'repository', because, 'name the folder of a git clone with --repo'))
  }
}

function isAbsent(error: Error): boolean {
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** The pack that a clone's own control plane is laid over; undefined means the one that is shipped with this source. */
export type Pack = readonly ControlFile[] | undefined

/** Opens a clone at a commit, or at its HEAD. */
export async function openGoverned(
  dir: string,
  rev: string = 'HEAD',
  pack?: Pack,
): Promise<Result<GovernedClone, Stop>> {
  const opened = await openClone(dir)
  if (!opened.ok) return opened
  const repository = opened.value
  const base = await repository.resolve(rev)
  if (base === undefined) return refuse(stop(3, 'base', `${dir} has no commit ${rev}`, 'fetch it, or plan again'))
  const shipped = pack ?? (await readShippedPack())
  const filter = filterFor(process.env)
  const source = { engine: thisEngine().version, shipped, parseYaml, modules, filter }
  try {
    const control = await controlPlaneAt(source, repository, base)
    if (control.ok) return ok({ dir, repository, base, control: control.value })
    return refuse(stop(3, 'control-plane', refusalText(control.refusal), 'mend the files in .agentos/'))
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'GitFailed') throw error
    return refuse(stop(3, 'repository', error.message, 'mend the repository'))
  }
}

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
  const { ledger, queue } = memoryLedger()
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
