import type { RepositoryRef } from '../../domain/effects.ts'
import type { RunId } from '../../domain/ids.ts'
import type { Documents } from '../../domain/packs/documents.ts'
import { isFinal, type RunState } from '../../domain/run/state.ts'
import { deskOf, type Intake } from '../intake-parts.ts'

export type Target = { readonly run: RunId; readonly state: RunState; readonly documents: Documents }

/**
 * The run that a rollback said on this number means: its newest one. A rollback is itself meant only on its own pull
 * request; on the issue the run that it takes back is.
 */
export async function targetOf(intake: Intake, repository: RepositoryRef, number: number): Promise<Target | null> {
  const { state: desk } = await deskOf(intake, repository)
  const newest = desk.runs.get(number)
  if (newest === undefined) return null
  let target = await load(intake, newest)
  for (let planner = plannerOf(target); isUndoing(planner) && numberOf(target) !== number; planner = plannerOf(target))
    target = await load(intake, planner.run)
  return target
}

/** Whether the run may still end without anything on the default branch. */
export function isUnmerged({ phase }: RunState): boolean {
  return phase !== 'absent' && phase !== 'merged' && !isFinal(phase)
}

async function load(intake: Intake, run: RunId): Promise<Target> {
  const { state, documents } = await intake.journal.load(run)
  return { run, state, documents }
}

type Planner = NonNullable<RunState['request']>['planner'] | undefined

function plannerOf({ state }: Target): Planner {
  return state.request?.planner
}

function isUndoing(planner: Planner): planner is Extract<Planner, { is: 'rollback' }> {
  return planner?.is === 'rollback'
}

function numberOf({ state }: Target): number | null {
  return state.pullRequest?.number ?? null
}
