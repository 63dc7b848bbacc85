import { blobId } from '../git-objects.ts'
import { ok, type Result, refuse } from '../result.ts'
import { type Content, type Edit, type FileMode, type FileState, sameState } from './edit.ts'
import { type Clash, mergeLines, type Span } from './merge-lines.ts'

/** A change made against one tree, carried over to what stands at its paths in another. */
export type Carry = {
  /** From the base to what we made of it. */
  readonly edits: readonly Edit[]
  /** What stands in the other tree at every path of the edits, null for nothing. A path that is absent here is a conflict. */
  readonly onto: ReadonlyMap<string, FileState | null>
  /** The bytes of every blob that any side names. */
  readonly contents: Content
}

/** Why a change cannot be carried over at a path. */
export type CarryConflict = { readonly path: string; readonly because: string }

export type Carried =
  | {
      readonly is: 'carried'
      /** From the other tree to the result; a path where the result already stands is left out. */
      readonly edits: readonly Edit[]
      /** The bytes of blobs that only the merge made. */
      readonly contents: Content
      /** The paths where the other tree already has the result. */
      readonly already: readonly string[]
    }
  | { readonly is: 'conflict'; readonly conflicts: readonly CarryConflict[] }

/**
 * The three-way merge: what others changed at the same paths since is kept, line by line, and where both changed the
 * same thing differently there is a conflict, never a guess. It looks at these paths only: whether a file can stand
 * where the other tree has a folder is for `applyEdits` to say.
 */
export function carryEdits({ edits, onto, contents }: Carry): Carried {
  const spots = edits.map((edit) => ({ path: edit.path, ...carryOne(edit, onto.get(edit.path), contents) }))
  const conflicts = spots.flatMap(({ path, merged }) => (merged.ok ? [] : [{ path, because: merged.refusal }]))
  if (conflicts.length > 0) return { is: 'conflict', conflicts }
  const results = spots.flatMap(({ path, before, merged }) => (merged.ok ? [{ path, before, ...merged.value }] : []))
  return {
    is: 'carried',
    edits: results
      .filter(({ before, after }) => !sameState(before, after))
      .map(({ path, before, after }) => ({ path, before, after })),
    contents: new Map(
      results.flatMap(({ after, made }) => (made === null || after === null ? [] : [[after.blob, made] as const])),
    ),
    already: results.filter(({ before, after }) => sameState(before, after)).map(({ path }) => path),
  }
}

/** The way back: each change from what it made to what it found. */
export function inverseEdits(edits: readonly Edit[]): readonly Edit[] {
  return edits.map(({ path, before, after }) => ({ path, before: after, after: before }))
}

/** What stands at a path afterwards; `made` are the bytes of a blob that no side had. */
type Outcome = { readonly after: FileState | null; readonly made: Uint8Array | null }
type Merge = Result<Outcome, string>

function carryOne(edit: Edit, theirs: FileState | null | undefined, contents: Content) {
  if (theirs === undefined) return { before: null, merged: refuse('nobody said what stands here now') }
  return { before: theirs, merged: mergeState({ base: edit.before, ours: edit.after, theirs }, contents) }
}

type ThreeStates = {
  readonly base: FileState | null
  readonly ours: FileState | null
  readonly theirs: FileState | null
}

function mergeState({ base, ours, theirs }: ThreeStates, contents: Content): Merge {
  if (sameState(base, theirs) || sameState(ours, theirs)) return ok({ after: ours, made: null })
  if (sameState(base, ours)) return ok({ after: theirs, made: null })
  if (base === null) return refuse('both sides create it, with different content or mode')
  if (ours === null) return refuse('the change removes it, and it was changed since')
  if (theirs === null) return refuse('the change alters it, and it was removed since')
  return mergeFile({ base, ours, theirs }, contents)
}

type ThreeFiles = { readonly base: FileState; readonly ours: FileState; readonly theirs: FileState }

/** Mode and content are merged apart: one side may make a file a program while the other writes in it. */
function mergeFile(files: ThreeFiles, contents: Content): Merge {
  const fault = kindFault(files)
  if (fault !== undefined) return refuse(fault)
  const { base, ours, theirs } = files
  const mode = ours.mode === base.mode ? theirs.mode : ours.mode
  const blob = pickBlob(files)
  if (blob !== undefined) return ok({ after: { mode, blob }, made: null })
  const merged = mergeContent(files, contents)
  if (!merged.ok) return merged
  return ok({ after: { mode, blob: blobId(merged.value) }, made: merged.value })
}

const KINDS = { '100644': 'file', '100755': 'file', '120000': 'symbolic link', '160000': 'submodule' } as const

function kindFault({ base, ours, theirs }: ThreeFiles): string | undefined {
  const [was, our, their] = [base, ours, theirs].map(({ mode }: { mode: FileMode }) => KINDS[mode])
  if (was !== our || was !== their) return `both sides change it, and it turns from ${was} into ${our} or ${their}`
  if (was === 'file' || pickBlob({ base, ours, theirs }) !== undefined) return undefined
  return `both sides change the ${was}, and it has no lines to merge`
}

/** The blob of the one side that changed it; undefined where both did, differently. */
function pickBlob({ base, ours, theirs }: ThreeFiles): string | undefined {
  if (theirs.blob === base.blob) return ours.blob
  return ours.blob === base.blob || ours.blob === theirs.blob ? theirs.blob : undefined
}

function mergeContent({ base, ours, theirs }: ThreeFiles, contents: Content): Result<Uint8Array, string> {
  const [was, our, their] = [base, ours, theirs].map(({ blob }) => contents.get(blob))
  if (was === undefined || our === undefined || their === undefined)
    return refuse('both sides change it, and the bytes of one side are not at hand')
  if ([was, our, their].some((bytes) => bytes.includes(0)))
    return refuse('both sides change it, and binary content has no lines to merge')
  const merged = mergeLines({ base: was, ours: our, theirs: their })
  switch (merged.is) {
    case 'merged':
      return ok(merged.bytes)
    case 'too-large':
      return refuse('both sides change it, and it is too large to merge')
    case 'clash':
      return refuse(`both sides change the same lines: ${shownClashes(merged.clashes)}`)
  }
}

const MAX_SHOWN_CLASHES = 5

function shownClashes(clashes: readonly Clash[]): string {
  const shown = clashes.slice(0, MAX_SHOWN_CLASHES).map(({ base, theirs }) => {
    const [before, now] = [shownSpan(base), shownSpan(theirs)]
    return before === now ? before : `${before} (now ${now})`
  })
  const more = clashes.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function shownSpan({ from, count }: Span): string {
  if (count === 0) return `before line ${from}`
  return count === 1 ? `line ${from}` : `lines ${from}-${from + count - 1}`
}
