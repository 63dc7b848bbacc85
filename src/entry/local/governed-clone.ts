import { parseYaml } from '../../adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../adapters/control/shipped-pack.ts'
import { type LocalRepository, localRepository } from '../../adapters/git/local-repository.ts'
import { type ControlPlane, controlPlaneAt, refusalText } from '../../app/control-plane.ts'
import type { ControlFile } from '../../domain/control/load-manifest.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { thisEngine } from '../engine.ts'
import { modules } from '../modules.ts'
import { filterFor } from '../process-secrets.ts'
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
    return ok(await localRepository(dir, remembering))
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
