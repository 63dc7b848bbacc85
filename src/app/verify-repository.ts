import { saysMore } from '../domain/gates/commit-trace.ts'
import type { ObjectId, Sha256 } from '../domain/hash.ts'
import { readDocument } from '../domain/packs/documents.ts'
import { Plan } from '../domain/packs/plan.ts'
import { fromUtf8 } from '../domain/patch/bytes.ts'
import { changesBetween } from '../domain/patch/changes-between.ts'
import { diffSha256 } from '../domain/patch/raw-diff.ts'
import { foldRun } from '../domain/run/evolve.ts'
import type { RunState } from '../domain/run/state.ts'
import { type Trailer, trailersFor, trailersIn } from '../domain/run/trailers.ts'
import { tried } from './evidence/named-blobs.ts'
import { type EvidenceFault, type OpenedEvidence, openBundle, type Trust } from './evidence/open-bundle.ts'
import type { RepositoryReader } from './ports.ts'
import { verifyEvidence } from './verify.ts'

/** Read access to a clone's commits and trees. */
export type CloneReader = Pick<RepositoryReader, 'entries'> & {
  /** The commit that a name means; undefined when the clone does not have it. */
  resolve(rev: string): Promise<ObjectId | undefined>
  commit(
    id: ObjectId,
  ): Promise<{ readonly tree: ObjectId; readonly parents: readonly ObjectId[]; readonly message: Uint8Array }>
}

/** What a whole clone is checked by, beside single commits. */
export type WholeClone = CloneReader &
  Pick<RepositoryReader, 'blobs'> & {
    /** Whether the clone has every commit that its branches lead to; a shallow one has not. */
    isWhole(): Promise<boolean>
    /** The commits that branches and tags lead to, of all of them or of the given tips; what keeps evidence is left out. */
    history(tips: readonly ObjectId[] | 'all'): Promise<ReadonlySet<ObjectId>>
    /** Those of them whose message has a line that names a run. */
    namingRuns(): Promise<readonly ObjectId[]>
  }

export type ComparedWithClone =
  | { readonly valid: true; readonly commit: ObjectId; readonly is: 'delivery' | 'merge' }
  | ({ readonly valid: false } & EvidenceFault)

/**
 * Verifies evidence and compares it with a clone: the delivered commit, or where a squash replaced it the recorded merge,
 * has the tree, the change and the trailers that the run says. Throws when the clone cannot be read.
 */
export async function verifyAgainstRepository(
  bytes: Uint8Array,
  trust: Trust,
  clone: CloneReader,
): Promise<ComparedWithClone> {
  const verified = verifyEvidence(bytes, trust)
  if (!verified.valid) return verified
  const opened = openBundle(bytes, trust)
  if (!opened.ok) return { valid: false, ...opened.refusal }
  const state = foldRun(opened.value.evidence.events)
  const landed = await findLanded(state, clone)
  if ('fault' in landed) return { valid: false, ...landed }
  const fault =
    (await faultInContent(state, landed, clone)) ?? (await faultInMessage(opened.value, state, { landed, clone }))
  return fault === undefined
    ? { valid: true, commit: landed.commit, is: landed.is }
    : { valid: false, fault, where: `commit ${landed.commit}` }
}

/** A commit that a run says is its own. */
export type Landed = { readonly commit: ObjectId; readonly is: 'delivery' | 'merge' }

async function findLanded(state: RunState, clone: CloneReader): Promise<Landed | EvidenceFault> {
  if (state.delivered === null) return { fault: 'the run delivered nothing', where: `phase ${state.phase}` }
  const { commit } = state.delivered
  if ((await clone.resolve(commit)) === commit) return { commit, is: 'delivery' }
  const merge = state.merged
  if (merge !== null && merge.same && (await clone.resolve(merge.commit)) === merge.commit)
    return { commit: merge.commit, is: 'merge' }
  return {
    fault: 'the clone has neither the delivered commit nor a recorded merge of the same change',
    where: `commit ${commit}`,
  }
}

/** How a commit's parent, tree or change differs from what was approved; undefined where it does not. */
export async function faultInContent(
  state: RunState,
  { commit, is }: Landed,
  clone: CloneReader,
): Promise<string | undefined> {
  const { request, delivered } = state
  const { tree, parents } = await clone.commit(commit)
  const [parent] = parents
  if (parent === undefined || request === null || delivered === null) return 'it has no parent'
  if (is === 'delivery') {
    if (parents.length !== 1 || parent !== request.base.sha) return `its parent is not the base ${request.base.sha}`
    if (tree !== delivered.tree) return `its tree is ${tree}, approved was ${delivered.tree}`
  }
  const diff = await diffOfCommit(commit, clone)
  return diff === delivered.diffSha256
    ? undefined
    : `its change has diff hash ${diff}, approved was ${delivered.diffSha256}`
}

/** The diff hash of a commit against its first parent; undefined where it has none. */
export async function diffOfCommit(commit: ObjectId, clone: CloneReader): Promise<Sha256 | undefined> {
  const [parent] = (await clone.commit(commit)).parents
  if (parent === undefined) return undefined
  return diffSha256(changesBetween(await clone.entries(parent), await clone.entries(commit)))
}

type About = { readonly landed: Landed; readonly clone: CloneReader }

/** How a commit's trailers differ from what the run says; undefined where they do not. */
export async function faultInMessage(
  bundle: Pick<OpenedEvidence, 'evidence' | 'documents'>,
  state: RunState,
  { landed, clone }: About,
): Promise<string | undefined> {
  const message = fromUtf8((await clone.commit(landed.commit)).message)
  if (message === undefined) return 'its message is no UTF-8 text'
  const found = trailersIn(message)
  const expected = trailersOf(bundle.evidence.run, state)
  const wrong = expected.find(({ name, value }) => valuesOf(found, name).join('\n') !== value)
  if (wrong !== undefined)
    return `its trailer ${wrong.name} is ${valuesOf(found, wrong.name).join(' and ') || 'missing'}, the run says ${wrong.value}`
  const all = allTrailers(bundle, state)
  const added = found.find((one) => saysMore(one, all))
  if (added !== undefined) return `its trailer ${added.name} says ${added.value}, which the run does not`
  return ledgerFault(bundle.evidence.events, valuesOf(found, 'AgentOS-Ledger'))
}

/** Every trailer of the run's commit; none where the words that they rest on were erased, or nothing was planned. */
function allTrailers({ documents }: Pick<OpenedEvidence, 'documents'>, state: RunState): readonly Trailer[] {
  const { plan } = state
  if (plan === null) return []
  return tried(() => trailersFor(state, readDocument(documents, plan.hash, Plan), documents, 'delivery')) ?? []
}

function trailersOf(run: string, { intent, plan, delivered, request }: RunState): readonly Trailer[] {
  return [
    { name: 'AgentOS-Run', value: run },
    { name: 'AgentOS-Intent', value: intent ?? '' },
    { name: 'AgentOS-Plan', value: plan?.hash ?? '' },
    { name: 'AgentOS-Diff-SHA256', value: delivered?.diffSha256 ?? '' },
    { name: 'AgentOS-Manifest', value: request?.manifest ?? '' },
  ]
}

/** The trailer names the event that asked for this commit. A commit on a plain clone may be without it. */
function ledgerFault(events: OpenedEvidence['evidence']['events'], named: readonly string[]): string | undefined {
  for (const value of named) {
    const [, seq = '', hash] = /^(\d{1,9})@([0-9a-f]{64})$/.exec(value) ?? []
    if (hash === undefined || events[Number(seq) - 1]?.hash !== hash)
      return `its trailer AgentOS-Ledger names ${value}, which is no event of this run`
  }
  return undefined
}

/** The values of a name, which git reads in any case. */
export function valuesOf(trailers: readonly Trailer[], name: string): readonly string[] {
  const key = name.toLowerCase()
  return trailers.filter((trailer) => trailer.name.toLowerCase() === key).map((trailer) => trailer.value)
}
