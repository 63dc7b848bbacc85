import { type Documents, readDocument } from '../packs/documents.ts'
import { Landed, type Outside, type Undone } from '../packs/landed.ts'
import type { Plan } from '../packs/plan.ts'
import { undoneBy } from '../packs/undone.ts'
import { type RunState, told } from '../run/state.ts'
import { inline, listed } from './markdown.ts'
import { count } from './words.ts'

const MOST_PATHS = 2500

/** What a plan takes back, and what no commit can; nothing where the plan is no rollback. */
export function undoingLines(state: RunState, documents: Documents, { edits }: Pick<Plan, 'edits'>): readonly string[] {
  const { planner } = told(state.request, 'the request')
  if (planner.is !== 'rollback') return []
  return undoneLines(undoneBy(readDocument(documents, planner.landed, Landed), edits))
}

/** How the touched paths compare with the recorded former state; nothing where the run is no rollback. */
export function undoneLines(undone: Undone | undefined): readonly string[] {
  if (undone === undefined) return []
  const { run, number, before, after, asApproved, restored, kept, gone, outside, seen } = undone
  const where = number === null ? '' : ` (#${number})`
  const differs = asApproved ? '' : ' What landed then **differs from what was approved**; what landed is what counts.'
  const when = seen === 'merged' ? 'Read at the merge commit' : 'Compared with the tree'
  return [
    `**Takes back run \`${run}\`**${where}, which landed between \`${before}\` and \`${after}\`.${differs}`,
    '',
    `- ${when}: ${count(restored.length, 'path')} of ${restored.length + kept.length + gone.length} equal their recorded former state, mode and bytes`,
    ...pathLines('Later changes by others are kept in', kept),
    ...pathLines('Nothing was left to take back in', gone),
    `- Stays as it is, for no commit takes it back: ${outsideWords(outside).join('; ')}`,
    '',
  ]
}

/** What no commit takes back, in words. */
export function outsideWords(outside: readonly Outside[]): readonly string[] {
  return outside.map((one) => OUTSIDE[one])
}

const OUTSIDE: { readonly [O in Outside]: string } = {
  history: 'the commits in the history',
  comments: 'comments and reviews',
  checks: 'check runs',
  labels: 'labels and the state of the pull request',
  ci: 'what the repository’s own CI did with the change',
  downloads: 'what `prepare` downloaded',
}

function pathLines(what: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return []
  const lines = paths.map((path) => `  - ${inline(path)}`)
  return [`- ${what}:`, ...listed(lines, MOST_PATHS, (left) => `  - and ${left} more`)]
}
