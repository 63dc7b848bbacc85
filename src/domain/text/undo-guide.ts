import type { ObjectId } from '../hash.ts'
import type { RunId } from '../ids.ts'
import { fenced } from './markdown.ts'
import { count } from './words.ts'

export type Undoable = {
  readonly run: RunId
  /** The run's pull request; null on a plain clone. */
  readonly number: number | null
  /** The commit to take back, where it is known; else it is found by its trailer, however it was merged. */
  readonly commit: ObjectId | null
  readonly paths: number
}

/** How to take a delivered run back, each way as exact commands. */
export function undoGuide({ run, number, commit, paths }: Undoable): string {
  const found = commit ?? `$(git log -1 --format=%H --grep='^AgentOS-Run: ${run}$')`
  const onGithub =
    number === null
      ? []
      : [
          `On #${number}; before the merge this closes it and deletes its branch, after the merge it plans the inverse, which is tried, approved and merged like any change, and keeps what others changed since:`,
          fenced('/agentos rollback'),
        ]
  return [
    ...onGithub,
    'On a clone, with the evidence of this run:',
    fenced('agentos rollback evidence.json --repo .'),
    'With git alone, on a branch that has the change:',
    fenced(`git revert --no-edit ${commit ?? `"${found}"`}`),
    `To put ${count(paths, 'path')} back exactly, without what others changed there since:`,
    fenced(
      `undo=${found} && git diff-tree -r -z --no-renames --name-only "$undo^" "$undo" | git --literal-pathspecs restore --source="$undo^" --staged --worktree --pathspec-from-file=- --pathspec-file-nul`,
    ),
  ].join('\n\n')
}
