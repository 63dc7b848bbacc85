import type { ObjectId } from '../../domain/hash.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { Landed, type Outside } from '../../domain/packs/landed.ts'
import { Plan } from '../../domain/packs/plan.ts'
import { changesBetween } from '../../domain/patch/changes-between.ts'
import { type Edit, TreePath } from '../../domain/patch/edit.ts'
import { diffSha256 } from '../../domain/patch/raw-diff.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type RunState, told } from '../../domain/run/state.ts'
import { trailersIn } from '../../domain/run/trailers.ts'
import type { RepositoryReader } from '../ports.ts'

/** A commit's message and its parents, first parent first. */
export type CommitSeen = { readonly message: string; readonly parents: readonly ObjectId[] }

export type History = {
  readonly reader: Pick<RepositoryReader, 'entries'>
  readonly commitAt: (commit: ObjectId) => Promise<CommitSeen>
}

export type NoRollback = { readonly because: string; readonly next: string }
type Told = { readonly state: RunState; readonly documents: Documents }

/** What a run left on the branch, as the commits themselves say it; what was approved is only compared with it. */
export async function readLanded(history: History, run: Told): Promise<Result<Landed, NoRollback>> {
  const { state } = run
  const request = told(state.request, 'the request')
  const delivered = told(state.delivered, 'the delivery')
  const after = state.merged?.commit ?? delivered.commit
  const before = await commitBefore(history, { after, run: request.run, base: request.base.sha })
  if (before === null)
    return refuse({ because: `commit ${after} has no parent`, next: 'take it back by hand with git' })
  const edits = changesBetween(await history.reader.entries(before), await history.reader.entries(after))
  const fault = faultIn(edits)
  if (fault !== null) return refuse(fault)
  return ok({
    v: 1,
    run: request.run,
    number: state.pullRequest?.number ?? null,
    before,
    after,
    asApproved: diffSha256(edits) === delivered.diffSha256,
    edits: [...edits],
    outside: outsideOf(run),
  })
}

type Landing = { readonly after: ObjectId; readonly run: string; readonly base: ObjectId }

/** A rebase lands several commits where people pushed some on top of ours. */
const MOST_COMMITS = 30

/**
 * The commit that the branch pointed to before the run landed. Of a merge that is the first parent; else our commit is
 * looked for by its trailer from the newest one down, and stands alone where the trailer is gone. The lowest one that has
 * it is ours: people may have copied it to what they pushed on top.
 */
async function commitBefore({ commitAt }: History, { after, run, base }: Landing): Promise<ObjectId | null> {
  const newest = await commitAt(after)
  const parent = newest.parents[0] ?? null
  let commit = newest
  let before = parent
  for (let looked = 0; looked < MOST_COMMITS; looked += 1) {
    const [first, ...others] = commit.parents
    if (first === undefined || others.length > 0) return before
    if (trailersIn(commit.message).some(({ name, value }) => name === 'AgentOS-Run' && value === run)) before = first
    if (first === base) return before
    commit = await commitAt(first)
  }
  return before
}

const MOST_EDITS = 10_000
const BY_HAND = 'take it back by hand with `git revert`, in a pull request of your own'

function faultIn(edits: readonly Edit[]): NoRollback | null {
  if (edits.length === 0) return { because: 'what landed changed nothing', next: 'nothing is left to do' }
  if (edits.length > MOST_EDITS)
    return { because: `what landed touches ${edits.length} paths, a plan holds ${MOST_EDITS}`, next: BY_HAND }
  const odd = edits.find(({ path }) => !TreePath.safeParse(path).success)
  if (odd === undefined) return null
  return { because: `what landed touches ${JSON.stringify(odd.path.slice(0, 200))}, no path of a tree`, next: BY_HAND }
}

/** What else came of the run: on GitHub people and machines saw it, on a clone only the history did. */
function outsideOf({ state, documents }: Told): Outside[] {
  const { steps } = readDocument(documents, told(state.plan, 'the plan').hash, Plan)
  const downloads: readonly Outside[] = steps.some((step) => step.is === 'prepare') ? ['downloads'] : []
  const seen: readonly Outside[] =
    told(state.request, 'the request').venue === 'github' ? ['comments', 'checks', 'labels', 'ci'] : []
  return ['history', ...seen, ...downloads]
}
