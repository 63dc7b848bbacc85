import type { PathClaim } from '../../domain/packs/path-facts.ts'
import { type Edit, type FileState, sameState, TreePath } from '../../domain/patch/edit.ts'
import type { Planner } from '../../domain/run/inputs.ts'
import { type RepositoryReader, type TreeEntry, WillNotWork } from '../ports.ts'
import type { Scene } from './scene.ts'
import { broughtWhole, type Outcome, type Refused, refused, type Written } from './sketch.ts'

export type PullRequestPlanner = Extract<Planner, { is: 'pull-request' }>

/**
 * Takes the exact difference between two recorded commits of a pull request as the draft: trees and blobs are compared by
 * their ids, so nothing of it is interpreted or run. It must stand on the base of the run at every path that it touches.
 */
export async function sketchPullRequest(scene: Scene, source: PullRequestPlanner): Promise<Outcome> {
  const read = await readSides(scene.reader, source)
  if ('rule' in read) return read
  const changes = changesOf(read)
  const fault = pathFault(changes) ?? sizeFault(scene, changes, read.head) ?? behindFault(scene, source, changes)
  if (fault !== undefined) return fault
  const wanted = changes.filter(({ path, after }) => !sameState(standing(scene.entries, path), after))
  const blobs = await scene.reader.blobs([...new Set(wanted.flatMap(({ after }) => blobOf(after)))])
  return broughtWhole({
    drafter: { is: 'patch', name: `pull-request-${source.number}`, version: source.head },
    written: new Map(wanted.map(({ path, after }) => [path, writtenBy(after, blobs)])),
    claims: wanted.map(({ path, before }): PathClaim => ({ path, claims: before === null ? 'is-new' : 'exists' })),
  })
}

type Listing = ReadonlyMap<string, TreeEntry>
type Sides = { readonly mergeBase: Listing; readonly head: Listing }
type Change = Pick<Edit, 'path' | 'before' | 'after'>

/** What cannot be read whole for good is no draft; anything else is tried again by the worker. */
async function readSides(
  reader: RepositoryReader,
  { number, mergeBase, head }: PullRequestPlanner,
): Promise<Sides | Refused> {
  try {
    const [before, after] = await Promise.all([reader.entries(mergeBase), reader.entries(head)])
    return { mergeBase: byPath(before), head: byPath(after) }
  } catch (error) {
    if (!(error instanceof WillNotWork)) throw error
    const because = `#${number} cannot be read at ${head}: ${error.message}`
    return refused('pull-request', because, `mend the pull request, then say \`/agentos plan --from #${number}\` again`)
  }
}

function byPath(entries: readonly TreeEntry[]): Listing {
  return new Map(entries.map((entry) => [entry.path, entry]))
}

/** Every path whose mode or blob differs; a rename is a deletion and a creation. */
function changesOf({ mergeBase, head }: Sides): readonly Change[] {
  return [...new Set([...mergeBase.keys(), ...head.keys()])]
    .map((path) => ({ path, before: standing(mergeBase, path), after: standing(head, path) }))
    .filter(({ before, after }) => !sameState(before, after))
}

function standing(entries: Listing, path: string): FileState | null {
  const entry = entries.get(path)
  return entry === undefined ? null : { mode: entry.mode, blob: entry.blob }
}

function pathFault(changes: readonly Change[]): Refused | undefined {
  for (const { path } of changes) {
    const parsed = TreePath.safeParse(path)
    if (parsed.success) continue
    const because = `${JSON.stringify(path.slice(0, 300))} ${parsed.error.issues[0]?.message ?? 'is no path of a tree'}`
    return refused('hygiene', because, 'rename the file in the pull request')
  }
  return undefined
}

/** Asked before any byte is fetched: how large the change is shall not be the author's to decide. */
function sizeFault({ manifest }: Scene, changes: readonly Change[], head: Listing): Refused | undefined {
  const { files, bytes } = manifest.policy.limits
  const next = 'split the pull request into smaller ones'
  if (changes.length > files) {
    return refused('budget', `the pull request changes ${changes.length} files; the policy allows ${files}`, next)
  }
  const size = changes.reduce((sum, { path, after }) => sum + (after === null ? 0 : (head.get(path)?.size ?? 0)), 0)
  if (size <= bytes) return undefined
  return refused('budget', `the pull request brings ${size} bytes of content; the policy allows ${bytes}`, next)
}

/** The base may have gone on elsewhere. Where it did at a path of this change, only its author can say what belongs there. */
function behindFault(
  { entries }: Scene,
  { number }: PullRequestPlanner,
  changes: readonly Change[],
): Refused | undefined {
  const behind = changes.find(({ path, before, after }) => {
    const now = standing(entries, path)
    return !sameState(now, before) && !sameState(now, after)
  })
  if (behind === undefined) return undefined
  return refused(
    'pull-request',
    `#${number} is behind at ${behind.path.slice(0, 300)}: the base has changed that path since`,
    `bring the pull request up to date with its base, then say \`/agentos plan --from #${number}\` again`,
  )
}

/** A submodule has no bytes here. */
function blobOf(after: FileState | null): readonly string[] {
  return after === null || after.mode === '160000' ? [] : [after.blob]
}

function writtenBy(after: FileState | null, blobs: ReadonlyMap<string, Uint8Array>): Written {
  if (after === null) return null
  if (after.mode === '160000') return { state: after, bytes: null }
  const bytes = blobs.get(after.blob)
  if (bytes === undefined) throw new Error(`the reader left out blob ${after.blob}`)
  return { state: after, bytes }
}
