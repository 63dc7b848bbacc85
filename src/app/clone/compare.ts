import type { ObjectId } from '../../domain/hash.ts'
import type { RunId } from '../../domain/ids.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { type RunState, told } from '../../domain/run/state.ts'
import type { EvidenceFault, OpenedEvidence } from '../evidence/open-bundle.ts'
import { type Approved, approvedIn } from '../evidence/review-record.ts'
import { diffOfCommit, faultInContent, faultInMessage, type Landed, type WholeClone } from '../verify-repository.ts'

/** A run whose evidence holds. */
export type KnownRun = Pick<OpenedEvidence, 'evidence' | 'documents' | 'place'> & {
  readonly name: string
  readonly state: RunState
}

export type AboutClone = {
  readonly clone: WholeClone
  readonly runs: ReadonlyMap<RunId, KnownRun>
  /** What branches and tags lead to, and of it what the default branch leads to. */
  readonly all: ReadonlySet<ObjectId>
  readonly mainline: ReadonlySet<ObjectId>
}

/** Where a run's change is in the clone. `elsewhere`: it was not merged and its branch is not here. */
export type RunInClone = {
  readonly run: RunId
  readonly phase: RunState['phase']
  readonly is: 'merged' | 'delivered' | 'elsewhere'
  readonly commit: ObjectId | null
  /** By whom it was approved, as far as GitHub can be asked. */
  readonly approved: Approved | null
}

export type Finding = ({ readonly is: 'fault' } & EvidenceFault) | { readonly is: 'note'; readonly note: string }

/** A commit that names a run is one of that run's, with the content and the trailers that the run gave it. */
export async function checkCommit(commit: ObjectId, about: AboutClone): Promise<readonly Finding[]> {
  const message = fromUtf8((await about.clone.commit(commit)).message)
  if (message === undefined) return [wrong(commit, 'its message is no UTF-8 text')]
  const [run, ...others] = runsNamedBy(withoutSkip(message))
  if (run === undefined) return [note(`commit ${commit} names a run in its text and not in its trailers`)]
  if (others.length > 0) return [wrong(commit, 'it names more than one run')]
  const known = about.runs.get(run)
  if (known !== undefined) return checkNamed(commit, known, about)
  const isUnderWay = message !== withoutSkip(message) && !about.mainline.has(commit)
  return isUnderWay
    ? [note(`commit ${commit} is a draft of run ${run}, which delivered nothing yet`)]
    : [wrong(commit, `it names run ${run}, of which there is no evidence`)]
}

/** The runs that the last block of a message names: in any spelling that git takes, and whatever stands between trailers. */
function runsNamedBy(message: string): readonly string[] {
  const block =
    message
      .trimEnd()
      .split(/\n\s*\n/)
      .at(-1) ?? ''
  return [...block.matchAll(/^agentos-run[ \t]*:(.*)$/gim)].map(([, value = '']) => value.trim())
}

/** The commits of a run that is under way end with this line, which is written like a trailer and is none. */
function withoutSkip(message: string): string {
  return message.replace(/\nskip-checks: true\n*$/, '\n')
}

async function checkNamed(commit: ObjectId, known: KnownRun, about: AboutClone): Promise<readonly Finding[]> {
  const { delivered, merged, heads } = known.state
  if (commit === merged?.commit) return []
  if (commit === delivered?.commit) return asRecorded({ commit, is: 'delivery' }, known, about)
  if (!heads.includes(commit)) return checkCopy(commit, known, about)
  return about.mainline.has(commit) ? [wrong(commit, 'it landed before it was delivered')] : []
}

/** People may carry an approved change to another branch: that it holds the same bytes can be shown, that it was to be there not. */
async function checkCopy(commit: ObjectId, known: KnownRun, { clone }: AboutClone): Promise<readonly Finding[]> {
  const { evidence, state } = known
  const [{ run }, { delivered, phase }] = [evidence, state]
  const diff = await diffOfCommit(commit, clone)
  if (delivered === null || diff !== delivered.diffSha256)
    return [
      wrong(commit, `it names run ${run}, which did not make it, and holds another change than was approved there`),
    ]
  if (phase === 'closed') return [wrong(commit, `it names run ${run}, which was closed without a merge`)]
  const lie = await faultInMessage(known, state, { landed: { commit, is: 'delivery' }, clone })
  return lie !== undefined
    ? [wrong(commit, lie)]
    : [note(`commit ${commit} holds the approved change of run ${run}; that it was to stand there is on no record`)]
}

/** What a run says that it did is in the clone. */
export async function checkRun(
  known: KnownRun,
  about: AboutClone,
): Promise<{ readonly run: RunInClone; readonly findings: readonly Finding[] }> {
  const { state, evidence } = known
  const named = { run: evidence.run, phase: state.phase, approved: approvedIn(state) }
  if (state.merged !== null)
    return { run: { ...named, is: 'merged', commit: state.merged.commit }, findings: await checkMerge(known, about) }
  const commit = state.delivered?.commit ?? null
  if (commit !== null && about.all.has(commit)) return { run: { ...named, is: 'delivered', commit }, findings: [] }
  const why = commit === null ? 'delivered nothing' : `delivered ${commit}, which no branch of this clone leads to`
  return {
    run: { ...named, is: 'elsewhere', commit },
    findings: [note(`run ${evidence.run} is ${state.phase}: it ${why}`)],
  }
}

async function checkMerge(known: KnownRun, about: AboutClone): Promise<readonly Finding[]> {
  const { state, evidence } = known
  const { merged, request } = state
  if (merged === null) return []
  const { commit } = merged
  if (!about.all.has(commit)) return [wrong(commit, `run ${evidence.run} was merged as this commit, which is not here`)]
  if (!about.mainline.has(commit))
    return [
      wrong(commit, `run ${evidence.run} was merged, and ${request?.repository.defaultBranch ?? 'the branch'} lost it`),
    ]
  if (merged.same) return asRecorded({ commit, is: 'merge' }, known, about)
  return [note(`commit ${commit} landed another change than run ${evidence.run} delivered, as its evidence says`)]
}

/** A merge without the trailers says nothing, and beside the delivered commit need not; one with some must not lie. */
async function asRecorded(
  landed: Landed,
  known: KnownRun,
  { clone, mainline }: AboutClone,
): Promise<readonly Finding[]> {
  const { commit } = landed
  const { state, evidence } = known
  const isLost = landed.is === 'merge' && state.merged?.traced !== true && (await namesNoRun(commit, clone))
  const fault =
    (await faultInContent(state, landed, clone)) ??
    (isLost ? undefined : await faultInMessage(known, state, { landed, clone }))
  if (fault !== undefined) return [wrong(commit, fault)]
  if (!isLost || mainline.has(told(state.delivered, 'the delivery').commit)) return []
  return [note(`commit ${commit} landed without the trailers of run ${evidence.run}, as its evidence says`)]
}

async function namesNoRun(commit: ObjectId, clone: WholeClone): Promise<boolean> {
  return runsNamedBy(fromUtf8((await clone.commit(commit)).message) ?? '').length === 0
}

function wrong(commit: ObjectId, fault: string): Finding {
  return { is: 'fault', fault, where: `commit ${commit}` }
}

function note(text: string): Finding {
  return { is: 'note', note: text }
}
