import { indexOfBytes, isBinary, replaceBytes } from '../../domain/packs/byte-search.ts'
import type { PathClaim } from '../../domain/packs/path-facts.ts'
import { fromUtf8, toUtf8 } from '../../domain/patch/bytes.ts'
import { type FileMode, TreePath } from '../../domain/patch/edit.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { ProposedEdit } from './model-reply.ts'
import { linesOf, nearText } from './near-text.ts'
import type { Scene } from './scene.ts'
import { type Sketch, toWritten, type Written } from './sketch.ts'

export type Laid = Pick<Sketch, 'written' | 'claims'>

/** Follows a model's edits one after the other, or says which of them cannot be followed; a path that is not there stays a claim. */
export async function layEdits(scene: Scene, edits: readonly ProposedEdit[]): Promise<Result<Laid, string>> {
  const bench: Bench = { scene, files: await readFiles(scene, edits), written: new Map(), claims: [] }
  for (const edit of edits.flatMap(asSteps)) {
    claim(bench, edit)
    const fault = layEdit(bench, edit)
    if (fault !== undefined) return refuse(`${edit.path.slice(0, 200)}: ${fault}`)
  }
  return ok({ written: bench.written, claims: bench.claims })
}

type Bench = {
  readonly scene: Scene
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly written: Map<string, Written>
  readonly claims: PathClaim[]
}

/** A rename is the file at its new path, then its end at the old one. */
type EditStep =
  | Exclude<ProposedEdit, { is: 'rename' }>
  | { readonly is: 'copy'; readonly path: string; readonly from: string }

function asSteps(edit: ProposedEdit): readonly EditStep[] {
  if (edit.is !== 'rename') return [edit]
  return [
    { is: 'copy', path: edit.to, from: edit.path },
    { is: 'delete', path: edit.path },
  ]
}

async function readFiles(scene: Scene, edits: readonly ProposedEdit[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = edits.flatMap(({ path }) => scene.entries.get(path) ?? []).filter(({ mode }) => mode !== '160000')
  const blobs = await scene.reader.blobs([...new Set(entries.map(({ blob }) => blob))])
  return new Map(
    entries.flatMap(({ path, blob }) => [blobs.get(blob)].flatMap((bytes) => (bytes ? [[path, bytes]] : []))),
  )
}

/** A path that the reply itself wrote before is no claim about the base. */
function claim({ claims, written }: Bench, { is, path }: EditStep): void {
  if (written.has(path)) return
  claims.push({ path, claims: is === 'create' || is === 'copy' ? 'is-new' : 'exists' })
}

/** Why an edit cannot be followed; an edit of a file that is not there is left to red line 3. */
function layEdit(bench: Bench, edit: EditStep): string | undefined {
  const { written } = bench
  const { path } = edit
  const mode = modeOf(bench, edit)
  const fault = placeFault(path, mode) ?? orderFault(edit, written.get(path))
  if (fault !== undefined) return fault
  const before = bytesBefore(bench, edit)
  if (before === undefined) return undefined
  const after = bytesAfter(edit, before)
  if (typeof after === 'string') return after
  written.set(path, after === null ? null : toWritten(mode, after))
  return undefined
}

function modeOf({ scene, written }: Bench, edit: EditStep): FileMode {
  const source = edit.is === 'copy' ? edit.from : edit.path
  return written.get(source)?.state.mode ?? scene.entries.get(source)?.mode ?? '100644'
}

function bytesBefore({ files, written }: Bench, edit: EditStep): Uint8Array | undefined {
  if (edit.is === 'create') return new Uint8Array()
  const path = edit.is === 'copy' ? edit.from : edit.path
  const own = written.get(path)
  return own === null ? undefined : (own?.bytes ?? files.get(path))
}

function placeFault(path: string, mode: FileMode): string | undefined {
  if (!TreePath.safeParse(path).success) return 'is not a path inside the repository'
  return mode === '100644' || mode === '100755' ? undefined : 'is a link or submodule'
}

function orderFault({ is }: EditStep, earlier: Written | undefined): string | undefined {
  if (earlier === undefined) return undefined
  if (is === 'create' || is === 'copy') return 'is created after it was edited'
  return earlier === null ? 'is edited after it was deleted' : undefined
}

/** What the edit makes of a file, null when it is gone; a text says why it cannot be made. */
function bytesAfter(edit: EditStep, before: Uint8Array): Uint8Array | null | string {
  switch (edit.is) {
    case 'create':
    case 'rewrite':
      return toUtf8(edit.content)
    case 'replace':
      return replaceOnce(before, edit)
    case 'copy':
      return before
    case 'delete':
      return null
  }
}

function replaceOnce(bytes: Uint8Array, edit: Extract<EditStep, { is: 'replace' }>): Uint8Array | string {
  if (isBinary(bytes)) return 'is binary'
  if (edit.search === '') return 'the text to search for is empty'
  const search = toUtf8(edit.search)
  const first = indexOfBytes(bytes, search, 0)
  if (first === -1)
    return `the text to search for is not in the file${hint(nearText(fromUtf8(bytes) ?? '', edit.search))}`
  if (indexOfBytes(bytes, search, first + 1) !== -1) {
    const lines = linesOf(fromUtf8(bytes) ?? '', edit.search)
    return `the text to search for is in the file more than once${hint(`it begins on the lines ${lines.join(', ')}`)}`
  }
  return replaceBytes(bytes, search, toUtf8(edit.replace)) ?? bytes
}

function hint(text: string | undefined): string {
  return text === undefined ? '' : `; ${text}`
}
