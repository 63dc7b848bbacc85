import { readDocument } from '../../domain/packs/documents.ts'
import { Landed } from '../../domain/packs/landed.ts'
import type { PathClaim } from '../../domain/packs/path-facts.ts'
import type { Edit } from '../../domain/patch/edit.ts'
import type { Carried } from '../../domain/patch/merge-edits.ts'
import type { Planner } from '../../domain/run/inputs.ts'
import { undoOnto } from '../rollback/undo-onto.ts'
import type { Scene } from './scene.ts'
import { broughtWhole, type Outcome, type Refused, refused, type Written } from './sketch.ts'

type RollbackPlanner = Extract<Planner, { is: 'rollback' }>

/** Takes the recorded inverse of what a run landed as the draft, carried onto the base of this run. */
export async function sketchRollback(scene: Scene, planner: RollbackPlanner): Promise<Outcome> {
  const landed = readDocument(scene.documents, planner.landed, Landed)
  const fault = await sizeFault(scene, landed)
  if (fault !== undefined) return fault
  const carried = await undoOnto(scene.reader, landed, scene.entries)
  if (carried.is === 'conflict') return conflict(landed, carried.conflicts)
  if (carried.edits.length === 0)
    return refused(
      'nothing-to-do',
      `nothing is left of what run ${landed.run} landed: each of its paths was changed back since`,
      'nothing is left to do',
    )
  return {
    ...broughtWhole({
      drafter: { is: 'patch', name: `rollback-${landed.run}`, version: landed.after },
      written: new Map(carried.edits.map((edit) => [edit.path, writtenBy(edit, carried.contents)])),
      claims: carried.edits.map(
        ({ path, before }): PathClaim => ({
          path,
          claims: before === null ? 'is-new' : 'exists',
        }),
      ),
    }),
    reads: carried.already,
  }
}

/** Asked before any byte is fetched: people may have landed more than a plan may hold. */
async function sizeFault({ manifest, reader }: Scene, { edits, before }: Landed): Promise<Refused | undefined> {
  const { files, bytes } = manifest.policy.limits
  const next = 'take it back by hand with `git revert`, in pull requests of your own'
  if (edits.length > files)
    return refused('budget', `the rollback changes ${edits.length} files; the policy allows ${files}`, next)
  const paths = new Set(edits.flatMap((edit) => (edit.before === null ? [] : [edit.path])))
  const entries = (await reader.entries(before)).filter(({ path }) => paths.has(path))
  const size = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (size <= bytes) return undefined
  return refused('budget', `the rollback brings back ${size} bytes of content; the policy allows ${bytes}`, next)
}

const MOST_CONFLICTS = 5

function conflict({ after }: Landed, conflicts: Extract<Carried, { is: 'conflict' }>['conflicts']): Refused {
  const shown = conflicts.slice(0, MOST_CONFLICTS).map(({ path, because }) => `${path.slice(0, 120)}: ${because}`)
  const more = conflicts.length > shown.length ? `; and ${conflicts.length - shown.length} more paths` : ''
  return refused('rollback', `later changes are in the way: ${shown.join('; ')}${more}`, byHand(after))
}

/** What people do where only they can say what belongs there. */
export function byHand(commit: string): string {
  return `take it back by hand: \`git revert ${commit}\` (with \`-m 1\` for a merge commit) on a branch, settle the conflict, open a pull request and say \`/agentos plan --from #N\``
}

function writtenBy({ after }: Edit, contents: ReadonlyMap<string, Uint8Array>): Written {
  if (after === null) return null
  return { state: after, bytes: after.mode === '160000' ? null : (contents.get(after.blob) ?? null) }
}
