import { blobId } from '../git-objects.ts'
import { ok, type Result, refuse } from '../result.ts'
import { applyDelta } from './apply-delta.ts'
import { applyHunks } from './apply-hunks.ts'
import { fromUtf8 } from './bytes.ts'
import { type Content, comparePaths, type Edit, type FileMode, type FileState, sameState } from './edit.ts'
import type { Change, FilePatch, Modes } from './file-patch.ts'

/** A file of the base. Of a submodule the bytes are those of `submoduleText`. */
export type BaseFile = { readonly mode: FileMode; readonly bytes: Uint8Array }

/** Where and why a patch does not fit its base; `hunk` is a line of the patch. */
export type PatchConflict = { readonly path: string; readonly hunk: number | null; readonly because: string }

/** The edits, sorted by path, and the bytes of every blob that they leave behind. */
export type AppliedPatch = { readonly edits: readonly Edit[]; readonly contents: Content }

/** How git's diff shows a submodule: one line that names its commit. */
export function submoduleText(commit: string): string {
  return `Subproject commit ${commit}\n`
}

/** The paths whose base file `applyPatch` will ask for. */
export function pathsRead(patches: readonly FilePatch[]): readonly string[] {
  const paths = patches.flatMap(({ change }) => ('from' in change ? [change.from, change.path] : [change.path]))
  return [...new Set(paths)]
}

/**
 * Turns a parsed patch into edits. Every file is read from the base, never from what an earlier part of the patch made
 * of it. Hunks must stand exactly where they say. Full ids in an `index` line must match; abbreviated ones, which people
 * and models write from memory, are not looked at, because the hunks themselves name every line they replace.
 */
export function applyPatch(
  patches: readonly FilePatch[],
  read: (path: string) => BaseFile | null,
): Result<AppliedPatch, PatchConflict> {
  const work: Work = { read, before: new Map(), removed: new Set(), written: new Map() }
  for (const patch of patches) {
    const conflict = applyOne(work, patch)
    if (conflict !== undefined) return refuse({ path: patch.change.path, hunk: null, ...conflict })
  }
  return toEdits(work)
}

type Work = {
  readonly read: (path: string) => BaseFile | null
  /** What was read of the base so far: hashing a file once is enough. */
  readonly before: Map<string, FileState | null>
  readonly removed: Set<string>
  readonly written: Map<string, { readonly state: FileState; readonly bytes: Uint8Array }>
}

type Conflict = { readonly because: string; readonly hunk?: number; readonly path?: string }

function applyOne(work: Work, patch: FilePatch): Conflict | undefined {
  const source = readSource(work, patch)
  if (!source.ok) return source.refusal
  const bytes = applyBody(source.value.bytes, patch)
  if (!bytes.ok) return bytes.refusal
  const result = { mode: resultMode(patch.change, source.value.mode), bytes: bytes.value }
  return claim(work, patch.change) ?? settle(work, patch, result)
}

/** The file that the patch starts from; for a new file an empty one. */
function readSource(work: Work, { change, blobs }: FilePatch): Result<BaseFile, Conflict> {
  if (change.is === 'create') {
    const isNew = !isFullId(blobs?.before) || isZero(blobs.before)
    return isNew
      ? ok({ mode: change.mode, bytes: new Uint8Array() })
      : refuse({ because: 'a new file cannot have an old blob' })
  }
  const path = 'from' in change ? change.from : change.path
  const modes = change.is === 'delete' ? { before: change.mode, after: null } : change.modes
  return readBase(work, path, { modes, blob: blobs?.before })
}

type Expected = { readonly modes: Modes; readonly blob: string | undefined }

function readBase(work: Work, path: string, { modes, blob }: Expected): Result<BaseFile, Conflict> {
  const file = work.read(path)
  if (file === null) return refuse({ path, because: 'the file does not exist in the base' })
  const state = stateOf(file)
  if (state === undefined) return refuse({ path, because: 'the base has a submodule here that names no commit' })
  work.before.set(path, state)
  const fault = modeFault(modes, file.mode) ?? blobFault(blob, state.blob)
  return fault === undefined ? ok(file) : refuse({ path, because: fault })
}

function blobFault(expected: string | undefined, found: string): string | undefined {
  if (!isFullId(expected) || expected === found) return undefined
  return `the base has another blob than ${expected}, which the patch was made for`
}

function modeFault(modes: Modes, found: FileMode): string | undefined {
  if (modes.before !== null && modes.before !== found)
    return `the patch expects mode ${modes.before}, the base has ${found}`
  if (modes.after === null || modes.after.slice(0, 3) === found.slice(0, 3)) return undefined
  return `from mode ${found} to ${modes.after} is another kind of file: write it as a deletion and a creation`
}

function resultMode(change: Change, found: FileMode): FileMode {
  if (change.is === 'create') return change.mode
  return change.is === 'delete' ? found : (change.modes.after ?? found)
}

function applyBody(base: Uint8Array, { body }: FilePatch): Result<Uint8Array, Conflict> {
  switch (body.is) {
    case 'none':
      return ok(base)
    case 'text':
      return applyHunks(base, body.hunks)
    case 'literal':
      return ok(body.bytes)
    case 'delta': {
      const bytes = applyDelta(base, body.delta)
      return bytes === undefined ? refuse({ because: 'the binary delta does not fit the base' }) : ok(bytes)
    }
  }
}

/** Each path may go once and come once; a path that does both is replaced, as git writes a change of file type. */
function claim(work: Work, change: Change): Conflict | undefined {
  const removes = change.is === 'rename' ? change.from : change.path
  if (change.is !== 'create' && change.is !== 'copy') {
    if (work.removed.has(removes)) return { path: removes, because: 'the patch changes this file twice' }
    work.removed.add(removes)
  }
  if (change.is !== 'delete' && work.written.has(change.path)) return { because: 'the patch writes this file twice' }
  return undefined
}

function settle(work: Work, { change, blobs }: FilePatch, result: BaseFile): Conflict | undefined {
  if (change.is === 'delete') {
    if (result.bytes.length > 0) return { because: 'the patch deletes the file, but not all of its content' }
    return isFullId(blobs?.after) && !isZero(blobs.after)
      ? { because: 'a deleted file cannot have a new blob' }
      : undefined
  }
  const state = stateOf(result)
  if (state === undefined) return { because: 'a submodule must be one line "Subproject commit" and a full id' }
  if (isFullId(blobs?.after) && state.blob !== blobs.after) {
    return { because: `the patch promises blob ${blobs.after}, its content makes ${state.blob}` }
  }
  work.written.set(change.path, { state, bytes: result.bytes })
  return undefined
}

function toEdits(work: Work): Result<AppliedPatch, PatchConflict> {
  const edits: Edit[] = []
  for (const path of new Set([...work.removed, ...work.written.keys()])) {
    const before = work.before.get(path) ?? stateOf(work.read(path)) ?? null
    if (before !== null && !work.removed.has(path)) {
      return refuse({ path, hunk: null, because: 'the patch would create a file that the base already has' })
    }
    const after = work.written.get(path)?.state ?? null
    if (!sameState(before, after)) edits.push({ path, before, after })
  }
  return ok({ edits: edits.sort((a, b) => comparePaths(a.path, b.path)), contents: contentsOf(work) })
}

function contentsOf({ written }: Work): Content {
  const blobs = Array.from(written.values()).filter(({ state }) => state.mode !== '160000')
  return new Map(blobs.map(({ state, bytes }) => [state.blob, bytes]))
}

function stateOf(file: BaseFile | null): FileState | undefined {
  if (file === null) return undefined
  if (file.mode !== '160000') return { mode: file.mode, blob: blobId(file.bytes) }
  const commit = /^Subproject commit ([0-9a-f]{40})\n$/.exec(fromUtf8(file.bytes) ?? '')?.[1]
  return commit === undefined ? undefined : { mode: file.mode, blob: commit }
}

function isFullId(id: string | undefined): id is string {
  return id?.length === 40
}

function isZero(id: string): boolean {
  return /^0+$/.test(id)
}
