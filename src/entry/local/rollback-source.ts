import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import { openBundle, type Trust } from '../../app/evidence/open-bundle.ts'
import { readLanded } from '../../app/rollback/read-landed.ts'
import { verifyEvidence } from '../../app/verify.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { Documents } from '../../domain/packs/documents.ts'
import type { Landed } from '../../domain/packs/landed.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { foldRun } from '../../domain/run/evolve.ts'
import { branchFor } from '../../domain/run/react/pull-request.ts'
import { type RunState, told } from '../../domain/run/state.ts'
import { landedByHand } from './landed-by-hand.ts'
import { type Stop, stop } from './stop.ts'

/** What is to be taken back, as evidence and clone agree on it, and the commit that it is taken back from. */
export type RollbackSource = { readonly landed: Landed; readonly onto: ObjectId }

type Told = { readonly state: RunState; readonly documents: Documents }

/** Evidence is verified before anything of it is believed. */
export async function rollbackSource(
  bytes: Uint8Array,
  trust: Trust,
  repository: LocalRepository,
): Promise<Result<RollbackSource, Stop>> {
  const run = toldBy(bytes, trust)
  if (!run.ok) return run
  const found = await foundIn(repository, run.value.state)
  if (!found.ok) return found
  const commitAt = async (id: ObjectId) => {
    const { message, parents } = await repository.commit(id)
    return { message: new TextDecoder().decode(message), parents }
  }
  const landed = await readLanded({ reader: repository, commitAt }, { ...run.value, state: found.value })
  if (!landed.ok) return refuse(stop(3, 'rollback', landed.refusal.because, landed.refusal.next))
  const { after, asApproved } = landed.value
  if (!asApproved && found.value.merged === null)
    return refuse(stop(1, 'evidence', `commit ${after} is not the change that the evidence tells of`, TRUSTED))
  return ok({ landed: landed.value, onto: await tipWith(repository, after, run.value) })
}

const TRUSTED = 'use evidence that `agentos verify` finds valid'

function toldBy(bytes: Uint8Array, trust: Trust): Result<Told, Stop> {
  const verified = verifyEvidence(bytes, trust)
  const opened = openBundle(bytes, trust)
  if (!verified.valid) return refuse(stop(1, 'evidence', `${verified.where}: ${verified.fault}`, TRUSTED))
  if (!opened.ok) return refuse(stop(1, 'evidence', opened.refusal.fault, TRUSTED))
  const { evidence, documents } = opened.value
  const state = foldRun(evidence.events)
  if (state.delivered === null)
    return refuse(stop(3, 'rollback', `the run is ${state.phase} and delivered nothing`, 'nothing is left to do'))
  if (state.phase === 'rolled_back')
    return refuse(
      stop(3, 'rollback', `it is rolled back already: ${state.end?.because ?? ''}`, 'nothing is left to do'),
    )
  return ok({ state, documents })
}

/** The recorded merge; else the delivery where the clone's HEAD has it, what landed it there by hand, or the delivery alone. */
async function foundIn(repository: LocalRepository, state: RunState): Promise<Result<RunState, Stop>> {
  const merged = state.merged?.commit
  if (merged !== undefined) return (await has(repository, merged)) ? ok(state) : refuse(lacks(merged))
  const delivered = told(state.delivered, 'the delivery')
  const byHand = await byHandOnHead(repository, state)
  if (!byHand.ok) return byHand
  if (byHand.value !== null) return ok({ ...state, delivered: { ...delivered, commit: byHand.value } })
  return (await has(repository, delivered.commit)) ? ok(state) : refuse(lacks(delivered.commit))
}

async function byHandOnHead(repository: LocalRepository, state: RunState): Promise<Result<ObjectId | null, Stop>> {
  const { run } = told(state.request, 'the request')
  const delivered = told(state.delivered, 'the delivery')
  const head = await repository.resolve('HEAD')
  if (head === undefined) return ok(null)
  const isThere = await has(repository, delivered.commit)
  if (isThere && (await areOneLine(repository, head, delivered.commit))) return ok(null)
  return landedByHand(repository, { run, ...delivered }, head)
}

async function has(repository: LocalRepository, commit: ObjectId): Promise<boolean> {
  return (await repository.resolve(commit)) === commit
}

/** Where one of them leads to the other, nobody has made a commit of their own from the change. */
async function areOneLine(repository: LocalRepository, head: ObjectId, commit: ObjectId): Promise<boolean> {
  return (await repository.contains(head, commit)) || (await repository.contains(commit, head))
}

function lacks(commit: ObjectId): Stop {
  return stop(3, 'base', `the clone does not have commit ${commit}`, `git fetch origin ${commit}`)
}

/** What is checked out where it has the change; else the run's own branch; else the change alone. */
async function tipWith(repository: LocalRepository, commit: ObjectId, { state, documents }: Told): Promise<ObjectId> {
  for (const rev of ['HEAD', `refs/heads/${state.pullRequest?.branch ?? branchFor(state, documents)}`]) {
    const tip = await repository.resolve(rev)
    if (tip !== undefined && (await repository.contains(tip, commit))) return tip
  }
  return commit
}
