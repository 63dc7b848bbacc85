import { type Edit, type FileState, sameState } from '../patch/edit.ts'
import type { Landed, Stands, Undone } from './landed.ts'

/** Compares what a rollback's own edits leave with the recorded former state of each path. */
export function undoneBy(landed: Landed, edits: readonly Pick<Edit, 'path' | 'after'>[]): Undone {
  const after = new Map(edits.map((edit) => [edit.path, edit.after]))
  const touched = landed.edits.filter(({ path }) => after.has(path))
  return {
    ...head(landed),
    seen: 'delivered',
    ...split(touched, (path) => after.get(path) ?? null),
    gone: landed.edits.filter(({ path }) => !after.has(path)).map(({ path }) => path),
  }
}

/** Compares what stands at a merge commit with the recorded former state of each path. */
export function undoneAt(landed: Landed, stands: Stands): Undone {
  const states = new Map(stands.paths.map(({ path, state }) => [path, state]))
  return { ...head(landed), seen: 'merged', ...split(landed.edits, (path) => states.get(path) ?? null), gone: [] }
}

function head({ run, number, before, after, asApproved, outside }: Landed) {
  return { run, number, before, after, asApproved, outside: [...outside] }
}

function split(edits: Landed['edits'], stateAt: (path: string) => FileState | null) {
  const isBack = ({ path, before }: Edit) => sameState(stateAt(path), before)
  return {
    restored: edits.filter(isBack).map(({ path }) => path),
    kept: edits.filter((edit) => !isBack(edit)).map(({ path }) => path),
  }
}
