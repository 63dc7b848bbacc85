import type { Trust } from '../../app/evidence/open-bundle.ts'
import { approveLocal, beginLocal, type LocalStanding, localRunId, localWords } from '../../app/local-run.ts'
import { byHand } from '../../app/planning/sketch-rollback.ts'
import type { Signer } from '../../app/ports.ts'
import { undoOnto } from '../../app/rollback/undo-onto.ts'
import type { Instant, RunId } from '../../domain/ids.ts'
import { toDocument } from '../../domain/packs/documents.ts'
import type { Landed, Undone } from '../../domain/packs/landed.ts'
import { undoneAt } from '../../domain/packs/undone.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { branchFor } from '../../domain/run/react/pull-request.ts'
import type { Executed } from './execute-plan.ts'
import { type GovernedClone, openClone, openGoverned, type Pack } from './governed-clone.ts'
import { endingOf, howItEnded, type LocalEnding } from './how-it-ended.ts'
import { localClocks } from './local-clock.ts'
import { type OpenedLocal, openLocal } from './open-local.ts'
import { type RollbackSource, rollbackSource } from './rollback-source.ts'
import { type Stop, stop } from './stop.ts'

export type RollbackRequest = {
  readonly dir: string
  readonly evidence: Uint8Array
  readonly trust: Trust
  /** Null where the system's user approves what they ask for. */
  readonly approvedBy: string | null
  readonly now: Instant | null
  readonly signer: Signer
  readonly pack?: Pack
}

/** `undone` is what a look at the new commit found at each touched path. */
export type RolledBack = Executed & { readonly undone: Undone }

export type Conflict = { readonly path: string; readonly because: string }
export type RollbackStop = Stop & { readonly conflicts: readonly Conflict[] }

export type RollbackEnding = LocalEnding<RolledBack, RollbackStop>

/** Takes back on a clone what a run landed: a run of its own, with the same gates, dry run, Grant and sandbox. */
export async function rollBack(request: RollbackRequest): Promise<RollbackEnding> {
  const ready = await makeReady(request)
  if (!ready.ok) return { evidence: null, log: '', result: ready }
  const { clone, landed } = ready.value
  const opened = await openLocal(clone, localClocks(request.now), request.signer)
  const run = localRunId({ rollback: landed.after, base: clone.base, at: opened.local.clock.now() })
  const standing = await perform(opened, { request, clone, landed, run })
  const result = await resultOf(opened, standing, { clone, landed, run })
  return endingOf(opened, { signer: request.signer, run }, result)
}

type Ready = { readonly clone: GovernedClone; readonly landed: Landed }

async function makeReady({ dir, evidence, trust, pack }: RollbackRequest): Promise<Result<Ready, RollbackStop>> {
  const repository = await openClone(dir)
  if (!repository.ok) return refuse(without(repository.refusal))
  const source = await rollbackSource(evidence, trust, repository.value)
  if (!source.ok) return refuse(without(source.refusal))
  const clone = await openGoverned(dir, source.value.onto, pack)
  if (!clone.ok) return refuse(without(clone.refusal))
  const fault = await faultInCarrying(clone.value, source.value)
  return fault === undefined ? ok({ clone: clone.value, landed: source.value.landed }) : refuse(fault)
}

/** Looked at before a run begins, so that every conflict is told and not only the first few. */
async function faultInCarrying(
  { repository, base }: GovernedClone,
  { landed }: RollbackSource,
): Promise<RollbackStop | undefined> {
  const now = new Map((await repository.entries(base)).map((entry) => [entry.path, entry]))
  const carried = await undoOnto(repository, landed, now)
  if (carried.is === 'conflict') {
    const { conflicts } = carried
    const because = `later changes are in the way at ${conflicts.length} of ${landed.edits.length} paths`
    return { ...stop(3, 'rollback', because, byHand(landed.after)), conflicts }
  }
  if (carried.edits.length > 0) return undefined
  return without(stop(3, 'rollback', 'nothing is left of what the run landed', 'nothing is left to do'))
}

function without(stopped: Stop): RollbackStop {
  return { ...stopped, conflicts: [] }
}

type Performance = Ready & { readonly request: RollbackRequest; readonly run: RunId }

async function perform({ local }: OpenedLocal, about: Performance): Promise<LocalStanding> {
  const { request, clone, landed, run } = about
  const document = toDocument(landed)
  const title = `Take back run ${landed.run}, landed as ${landed.after.slice(0, 10)}`
  const begun = await beginLocal(local, {
    run,
    requester: local.user.id,
    words: localWords({ login: local.user.name, title, body: '', text: '', params: {}, labels: [] }),
    quotes: 'salted',
    base: { ref: 'HEAD', sha: clone.base },
    manifest: clone.control.document,
    mode: null,
    planner: { is: 'rollback', run: landed.run, commit: landed.after, landed: document.sha256 },
    blobs: [document],
  })
  return begun.state.phase === 'proposed' ? approveLocal(local, run, request.approvedBy ?? local.user.name) : begun
}

async function resultOf(
  opened: OpenedLocal,
  standing: LocalStanding,
  { clone, landed, run }: Ready & { readonly run: RunId },
): Promise<Result<RolledBack, RollbackStop>> {
  const { state, documents } = standing
  if (opened.broken.length > 0 || state.delivered === null) return refuse(without(howItEnded(opened, standing)))
  const { commit } = state.delivered
  const now = new Map((await clone.repository.entries(commit)).map(({ path, mode, blob }) => [path, { mode, blob }]))
  const paths = landed.edits.map(({ path }) => ({ path, state: now.get(path) ?? null }))
  const undone = undoneAt(landed, { v: 1, commit, paths })
  return ok({ ...state.delivered, branch: branchFor(state, documents), run, undone })
}
