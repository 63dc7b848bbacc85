import { basename, resolve } from 'node:path'
import { gitAt } from '../../adapters/git/git-process.ts'
import { fromEpochMs } from '../../domain/clock.ts'
import type { RepositoryRef } from '../../domain/effects.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { Instant } from '../../domain/ids.ts'

/**
 * A clone has no numeric id. It gets one that follows from the first commit of its main line, so that every copy of it has the
 * same.
 */
export async function repositoryRefFor(dir: string, head: ObjectId): Promise<RepositoryRef> {
  const args = ['rev-list', '--first-parent', '--max-parents=0', head]
  const root = (await gitAt(dir, { args })).stdout.toString('latin1').trim().slice(0, 40)
  return {
    id: String(Number.parseInt(root.slice(0, 12), 16) + 1),
    ownerId: '1',
    owner: 'local',
    name: basename(resolve(dir)).slice(0, 100) || 'repository',
    defaultBranch: 'HEAD',
    installation: '1',
  }
}

const LATEST_SECONDS = 253_000_000_000

/** When a commit was made, as it says itself. Asked of plumbing: `git show` would check a signature with the clone's own program. */
export async function timeOf(dir: string, commit: ObjectId): Promise<Instant> {
  const { stdout } = await gitAt(dir, { args: ['rev-list', '--max-count=1', '--timestamp', commit] })
  const seconds = Number(stdout.toString('latin1').split(' ')[0])
  return fromEpochMs(Math.min(Math.max(Number.isSafeInteger(seconds) ? seconds : 0, 0), LATEST_SECONDS) * 1000)
}
