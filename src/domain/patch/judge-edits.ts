import { blobId } from '../git-objects.ts'
import { filesIn } from './base-index.ts'
import { changedLines } from './changed-lines.ts'
import { type Content, type Edit, type Entry, type FileState, sameState } from './edit.ts'
import type { Fault, HygieneRule } from './fault.ts'
import { showText } from './hidden-text.ts'
import { addedHiddenText } from './judge-content.ts'
import { judgeExistingPath, judgePath } from './judge-path.ts'
import { collisions, symlinkFaults, throughSymlinks } from './judge-tree.ts'

/** The most that one change may be: files, lines deleted and added, bytes of all files that it leaves behind. */
export type SizeLimits = { readonly files: number; readonly lines: number; readonly bytes: number }

/** What policy may allow beyond files and programs. */
export type KindsAllowed = { readonly symlinks: boolean; readonly submodules: boolean }

export type EditsInQuestion = {
  readonly edits: readonly Edit[]
  /** The whole base, recursively. */
  readonly base: readonly Entry[]
  /** The bytes of every blob before and after, but not of submodules. */
  readonly contents: Content
  readonly limits: SizeLimits
  readonly allow: KindsAllowed
}

/** Everything that speaks against these edits of this base; an empty list is the only pass. */
export function judgeEdits(question: EditsInQuestion): readonly Fault[] {
  return [
    ...pathFaults(question.edits),
    ...baseFaults(question),
    ...kindFaults(question),
    ...symlinkFaults(question),
    ...throughSymlinks(question),
    ...collisions(question),
    ...contentFaults(question),
    ...limitFaults(question),
  ]
}

function pathFaults(edits: readonly Edit[]): readonly Fault[] {
  const seen = new Set<string>()
  return edits.flatMap(({ path, before }) => {
    const faults = before === null ? judgePath(path) : judgeExistingPath(path)
    const twice = seen.has(path) ? [fault('path-twice', path, 'is edited twice')] : []
    seen.add(path)
    return [...faults, ...twice]
  })
}

function baseFaults({ edits, base }: EditsInQuestion): readonly Fault[] {
  const states = filesIn(base)
  return edits
    .filter(({ path, before }) => !sameState(states.get(path) ?? null, before))
    .map(({ path }) => fault('before-mismatch', path, 'is not in the base what the edit says it was'))
}

function kindFaults({ edits, allow }: EditsInQuestion): readonly Fault[] {
  return edits.flatMap(({ path, before, after }) => {
    const isLink = after?.mode === '120000'
    const isSubmodule =
      before?.mode === '160000' || after?.mode === '160000' || path.split('/').at(-1) === '.gitmodules'
    return [
      isLink && !allow.symlinks ? [fault('symlink', path, 'is a symbolic link, which policy does not allow')] : [],
      isSubmodule && !allow.submodules
        ? [fault('submodule', path, 'concerns a submodule, which policy does not allow')]
        : [],
    ].flat()
  })
}

function contentFaults({ edits, contents }: EditsInQuestion): readonly Fault[] {
  return edits.flatMap(({ path, before, after }) => {
    const states = [before, after].filter((state) => state !== null && state.mode !== '160000')
    const faults = states.flatMap((state) => blobFaults(path, state?.blob ?? '', contents))
    return faults.length > 0 ? faults : hiddenFaults(path, bytesOf(before, contents), bytesOf(after, contents))
  })
}

function blobFaults(path: string, blob: string, contents: Content): readonly Fault[] {
  const bytes = contents.get(blob)
  if (bytes === undefined) return [fault('content-missing', path, `has blob ${blob}, whose bytes are not there`)]
  return blobId(bytes) === blob ? [] : [fault('content-mismatch', path, `has bytes that are not blob ${blob}`)]
}

function hiddenFaults(path: string, before: Uint8Array, after: Uint8Array): readonly Fault[] {
  return addedHiddenText(before, after).map(({ line, hidden, shown }) =>
    fault('hidden-text', path, `gains hidden characters (${hidden.join(', ')}) on line ${line}: ${shown}`),
  )
}

const EMPTY = new Uint8Array()

function bytesOf(state: FileState | null, contents: Content): Uint8Array {
  return state === null || state.mode === '160000' ? EMPTY : (contents.get(state.blob) ?? EMPTY)
}

function limitFaults({ edits, contents, limits }: EditsInQuestion): readonly Fault[] {
  const files = edits.length
  const bytes = edits.reduce((sum, { after }) => sum + bytesOf(after, contents).length, 0)
  const over = [
    files > limits.files ? [whole('too-many-files', `${files} files, the limit is ${limits.files}`)] : [],
    bytes > limits.bytes ? [whole('too-many-bytes', `${bytes} bytes, the limit is ${limits.bytes}`)] : [],
  ].flat()
  if (over.length > 0) return over
  const lines = edits.reduce(
    (sum, { before, after }) => sum + changedLines(bytesOf(before, contents), bytesOf(after, contents)),
    0,
  )
  return lines > limits.lines ? [whole('too-many-lines', `${lines} lines, the limit is ${limits.lines}`)] : []
}

function fault(rule: HygieneRule, path: string, because: string): Fault {
  return { rule, path, because: `"${showText(path)}" ${because}` }
}

function whole(rule: HygieneRule, because: string): Fault {
  return { rule, path: null, because: `the change has ${because}` }
}
