import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { changesBetween } from '../../domain/patch/changes-between.ts'
import type { Edit } from '../../domain/patch/edit.ts'
import { diffSha256 } from '../../domain/patch/raw-diff.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { trailersIn } from '../../domain/run/trailers.ts'
import { type Stop, stop } from './stop.ts'

/** What a run delivered: the commit of its own branch, and the change that was approved. */
export type Delivery = { readonly run: string; readonly commit: ObjectId; readonly diffSha256: string }

/**
 * The commit of HEAD's history that a squash or rebase by hand made of a delivery: the one whose trailers name the run and
 * whose change is the approved one. Null where HEAD does not have the change; refused where it cannot be known which it was.
 */
export async function landedByHand(
  repository: LocalRepository,
  delivery: Delivery,
  head: ObjectId,
): Promise<Result<ObjectId | null, Stop>> {
  const { run } = delivery
  const [commit, ...others] = await naming(repository, run, head)
  if (commit === undefined) return unnamed(repository, delivery, head)
  if (others.length > 0)
    return unknown(`${others.length + 1} commits of HEAD name run ${run} (${[commit, ...others].join(', ')})`)
  const edits = await changeOf(repository, commit)
  if (edits !== null && diffSha256(edits) === delivery.diffSha256) return ok(commit)
  return unknown(`commit ${commit} names run ${run}, but does not make the change that was approved`)
}

/** Both lists are as long as the history; what is looked at is what they share. */
async function naming(repository: LocalRepository, run: string, head: ObjectId): Promise<readonly ObjectId[]> {
  const [history, all] = await Promise.all([repository.history([head]), repository.namingRuns()])
  const found: ObjectId[] = []
  for (const commit of all) {
    if (!history.has(commit)) continue
    const trailers = trailersIn(new TextDecoder().decode((await repository.commit(commit)).message))
    if (trailers.some(({ name, value }) => name === 'AgentOS-Run' && value === run)) found.push(commit)
  }
  return found
}

async function changeOf(repository: LocalRepository, commit: ObjectId): Promise<readonly Edit[] | null> {
  const [parent] = (await repository.commit(commit)).parents
  if (parent === undefined) return null
  return changesBetween(await repository.entries(parent), await repository.entries(commit))
}

/** Without its trailers a squash shows by its bytes alone that it landed, and not in which commit. */
async function unnamed(
  repository: LocalRepository,
  { run, commit }: Delivery,
  head: ObjectId,
): Promise<Result<ObjectId | null, Stop>> {
  if ((await repository.resolve(commit)) === undefined) return ok(null)
  const approved = await changeOf(repository, commit)
  const now = new Map((await repository.entries(head)).map((entry) => [entry.path, entry]))
  const stands = approved?.every(({ path, after }) => isAt(now.get(path), after)) ?? false
  if (!stands) return ok(null)
  return unknown(`HEAD holds what run ${run} changed, but no commit of its history names that run`)
}

function isAt(entry: Edit['after'] | undefined, after: Edit['after']): boolean {
  return entry?.blob === after?.blob && entry?.mode === after?.mode
}

function unknown(because: string): Result<never, Stop> {
  const next = 'take the commit that landed it back by hand: git revert COMMIT'
  return refuse(stop(3, 'rollback', `${because}, so it cannot be known which commit landed it`, next))
}
