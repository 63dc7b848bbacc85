import type { Edit, Entry, FileState } from './edit.ts'
import { sameState } from './edit.ts'

/** What turns one listing into the other. */
export function changesBetween(before: readonly Entry[], after: readonly Entry[]): readonly Edit[] {
  const old = statesOf(before)
  const now = statesOf(after)
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((edit) => !sameState(edit.before, edit.after))
}

function statesOf(entries: readonly Entry[]): ReadonlyMap<string, FileState> {
  return new Map(entries.map(({ path, mode, blob }) => [path, { mode, blob }]))
}
