import { renderDiff } from '../../adapters/rendering/diff-text.ts'
import { approveLocal, beginLocal, type LocalStanding, localRunId } from '../../app/local-run.ts'
import { judgePlan, type OpenedPlan } from '../../app/plan-file.ts'
import type { Signer } from '../../app/ports.ts'
import { governed } from '../../domain/control/governed.ts'
import type { Instant, RunId } from '../../domain/ids.ts'
import { BrokenRecord, isSalted, readDocument, toDocument } from '../../domain/packs/documents.ts'
import { Intent } from '../../domain/packs/intent.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { branchFor } from '../../domain/run/react/pull-request.ts'
import { filterFor } from '../process-secrets.ts'
import { type GovernedClone, openGoverned, type Pack } from './governed-clone.ts'
import { endingOf, howItEnded, type LocalEnding } from './how-it-ended.ts'
import { localClocks } from './local-clock.ts'
import { type OpenedLocal, openLocal } from './open-local.ts'
import { type Stop, stop } from './stop.ts'

export type ExecuteRequest = {
  readonly dir: string
  readonly opened: OpenedPlan
  readonly approvedBy: string
  readonly now: Instant | null
  readonly signer: Signer
  readonly pack?: Pack
}

export type Executed = {
  readonly commit: string
  readonly tree: string
  readonly diffSha256: string
  readonly branch: string
  readonly run: RunId
}

/** Executes an approved plan on a clone: the same core, gates, Grant and sandbox, and at the end one new branch. */
export async function executePlan(request: ExecuteRequest): Promise<LocalEnding<Executed>> {
  const ready = await makeReady(request)
  if (!ready.ok) return { evidence: null, log: '', result: ready }
  const { clone, intent } = ready.value
  const opened = await openLocal(clone, localClocks(request.now), request.signer)
  const run = runIdFor(request, opened)
  const standing = await perform(opened, { request, clone, intent, run })
  return endingOf(opened, { signer: request.signer, run }, resultOf(opened, standing, run))
}

/** Each execution is a run of its own; only at a given time the same one again. */
function runIdFor({ opened: { planHash }, approvedBy }: ExecuteRequest, { local }: OpenedLocal): RunId {
  return localRunId({ planHash, approvedBy, at: local.clock.now() })
}

type Ready = { readonly clone: GovernedClone; readonly intent: Intent }

async function makeReady({ dir, opened, pack }: ExecuteRequest): Promise<Result<Ready, Stop>> {
  const { plan, documents } = opened
  const clone = await openGoverned(dir, plan.base.sha, pack)
  if (!clone.ok) return clone
  const current = await currentControl(clone.value, pack)
  if (!current.ok) return current
  if (clone.value.control.hash !== plan.manifest || current.value !== plan.manifest)
    return refuse(stop(3, 'freshness', 'the plan was made under another control plane', 'plan again'))
  const intent = intentOf(opened)
  if (intent === undefined || documents(opened.words) === undefined)
    return refuse(stop(2, 'plan-file', 'the file lacks the documents of its intent', 'plan again'))
  const reader = clone.value.repository
  const stopped = await judgePlan(opened, {
    reader,
    governed: governed(clone.value.control.manifest),
    render: renderDiff,
    filter: filterFor(process.env),
  })
  if (stopped !== undefined) return refuse(stop(3, stopped.gate, stopped.because, 'plan again'))
  return ok({ clone: clone.value, intent })
}

/** The control plane that governs the clone at its HEAD: a plan for an older commit does not bring an older one back. */
async function currentControl(
  { dir, repository, base, control }: GovernedClone,
  pack: Pack,
): Promise<Result<string, Stop>> {
  if ((await repository.resolve('HEAD')) === base) return ok(control.hash)
  const current = await openGoverned(dir, 'HEAD', pack)
  return current.ok ? ok(current.value.control.hash) : current
}

function intentOf({ plan, documents }: OpenedPlan): Intent | undefined {
  try {
    return readDocument(documents, plan.intent, Intent)
  } catch (error) {
    if (error instanceof BrokenRecord) return undefined
    throw error
  }
}

type Performance = {
  readonly request: ExecuteRequest
  readonly clone: GovernedClone
  readonly intent: Intent
  readonly run: RunId
}

async function perform({ local }: OpenedLocal, about: Performance): Promise<LocalStanding> {
  const { request, clone, intent, run } = about
  const { plan, planHash, documents, blobs } = request.opened
  const words = { sha256: request.opened.words, bytes: documents(request.opened.words) ?? new Uint8Array() }
  const begun = await beginLocal(local, {
    run,
    requester: intent.requester,
    words,
    quotes: isSalted(documents, plan.intent) ? 'salted' : null,
    base: { ref: plan.base.ref, sha: plan.base.sha },
    manifest: clone.control.document,
    mode: intent.mode,
    planner: { is: 'plan', plan: planHash },
    blobs: [...blobs, toDocument(plan)],
  })
  if (begun.state.phase !== 'proposed' || begun.state.intent !== plan.intent) return begun
  return approveLocal(local, run, request.approvedBy)
}

function resultOf(opened: OpenedLocal, standing: LocalStanding, run: RunId): Result<Executed, Stop> {
  const { state, documents } = standing
  if (opened.broken.length === 0 && state.delivered !== null)
    return ok({ ...state.delivered, branch: branchFor(state, documents), run })
  if (state.phase === 'proposed')
    return refuse(stop(3, 'intent', 'the words of the request do not make the intent of the plan', 'plan again'))
  return refuse(howItEnded(opened, standing))
}
