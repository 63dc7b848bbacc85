import type { Landed } from '../../domain/packs/landed.ts'
import type { Edit, FileState } from '../../domain/patch/edit.ts'
import { type Carried, carryEdits, inverseEdits } from '../../domain/patch/merge-edits.ts'
import type { RepositoryReader } from '../ports.ts'

/** What stands now, by path. */
type Standing = ReadonlyMap<string, FileState>

/**
 * The inverse of what landed, carried three-way onto what stands now: what others changed since is kept, or is a conflict.
 * `contents` of the result holds every byte that it writes.
 */
export async function undoOnto(
  reader: Pick<RepositoryReader, 'blobs'>,
  landed: Pick<Landed, 'edits'>,
  now: Standing,
): Promise<Carried> {
  const edits = inverseEdits(landed.edits)
  const onto = new Map(edits.map(({ path }) => [path, stateOf(now.get(path))]))
  const contents = await reader.blobs([
    ...new Set(edits.flatMap((edit) => blobsFor(edit, onto.get(edit.path) ?? null))),
  ])
  const carried = carryEdits({ edits, onto, contents })
  if (carried.is === 'conflict') return carried
  const known = new Map([...contents, ...carried.contents])
  const written = carried.edits.flatMap(({ after }) => (after === null ? [] : entryOf(after.blob, known)))
  return { ...carried, contents: new Map(written) }
}

function stateOf(entry: FileState | undefined): FileState | null {
  return entry === undefined ? null : { mode: entry.mode, blob: entry.blob }
}

/** Where nobody changed the path since, the former bytes alone are needed. A submodule has none. */
function blobsFor({ before, after }: Edit, theirs: FileState | null): readonly string[] {
  const sides = before?.blob === theirs?.blob ? [after] : [before, after, theirs]
  return sides.flatMap((side) => (side === null || side.mode === '160000' ? [] : [side.blob]))
}

function entryOf(blob: string, known: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  const bytes = known.get(blob)
  return bytes === undefined ? [] : [[blob, bytes]]
}
