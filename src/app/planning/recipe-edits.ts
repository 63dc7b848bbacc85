import type { FilledRecipe } from '../../domain/control/fill-recipe.ts'
import { matchesAny } from '../../domain/control/glob.ts'
import type { EditTemplate } from '../../domain/control/recipe.ts'
import { isBinary, replaceBytes } from '../../domain/packs/byte-search.ts'
import type { PathClaim } from '../../domain/packs/fabrication-facts.ts'
import { toUtf8 } from '../../domain/patch/bytes.ts'
import { TreePath } from '../../domain/patch/edit.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { TreeEntry } from '../ports.ts'
import type { Scene } from './scene.ts'
import { type Refused, refused, toWritten, type Written } from './sketch.ts'

export type RecipeEdits = { readonly written: ReadonlyMap<string, Written>; readonly claims: readonly PathClaim[] }

type Work = {
  readonly scene: Scene
  readonly written: Map<string, Written>
  readonly claims: Map<string, PathClaim>
}

/** Lays a recipe's edits over the base in their order; each sees what the ones before it wrote. */
export async function recipeEdits(scene: Scene, edits: FilledRecipe['edits']): Promise<Result<RecipeEdits, Refused>> {
  const work: Work = { scene, written: new Map(), claims: new Map() }
  for (const edit of edits) {
    const no = edit.kind === 'add-file' ? addFile(work, edit) : await replaceText(work, edit)
    if (no !== undefined) return refuse(no)
  }
  return ok({ written: work.written, claims: [...work.claims.values()] })
}

type AddFile = Extract<EditTemplate, { kind: 'add-file' }>
type ReplaceText = Extract<EditTemplate, { kind: 'replace-text' }>

function addFile({ scene, written, claims }: Work, { path, content }: AddFile): Refused | undefined {
  if (!TreePath.safeParse(path).success) {
    return refused('recipes', 'the path of the new file is not a path inside the repository', 'give another path')
  }
  if (scene.entries.has(path) || written.has(path)) {
    return refused('no-fabrication', `there is already a file at ${path}`, 'give another path, or use replace-text')
  }
  written.set(path, toWritten('100644', toUtf8(content)))
  claims.set(path, { path, claims: 'is-new' })
  return undefined
}

const BATCH_BYTES = 16 * 1024 * 1024

async function replaceText(work: Work, edit: ReplaceText): Promise<Refused | undefined> {
  const [find, replacement] = [toUtf8(edit.find), toUtf8(edit.replace)]
  if (find.length === 0) return refused('recipes', 'the text to replace is empty', 'say which text is to be replaced')
  const covered = coveredBy(edit.paths, work.scene, work.written)
  const counts = { changed: 0, binary: 0 }
  for (const batch of batchesOf(covered)) {
    const blobs = await readBlobs(work.scene, batch)
    for (const entry of batch) {
      const bytes = work.written.get(entry.path)?.bytes ?? blobs.get(entry.blob)
      if (bytes === undefined) throw new Error(`the reader left out blob ${entry.blob}`)
      if (isBinary(bytes)) counts.binary += 1
      else if (changeFile(work, entry, replaceBytes(bytes, find, replacement))) counts.changed += 1
    }
  }
  return counts.changed > 0 ? undefined : nothingFound(edit.paths, covered.length, counts.binary)
}

function changeFile({ written, claims }: Work, { path, mode }: Covered, after: Uint8Array | undefined): boolean {
  if (after === undefined) return false
  written.set(path, toWritten(mode, after))
  claims.set(path, claims.get(path) ?? { path, claims: 'exists' })
  return true
}

function readBlobs({ reader, entries }: Scene, batch: readonly Covered[]): ReturnType<Scene['reader']['blobs']> {
  return reader.blobs([...new Set(batch.filter(({ path }) => entries.has(path)).map(({ blob }) => blob))])
}

type Covered = Pick<TreeEntry, 'path' | 'mode' | 'blob' | 'size'>

/** A pattern without a wildcard names one file exactly; links and submodules hold no text of the repository. */
function coveredBy(globs: readonly string[], scene: Scene, written: Work['written']): readonly Covered[] {
  const exact = new Set(globs.filter((glob) => !/[*?]/.test(glob)))
  const wild = globs.filter((glob) => /[*?]/.test(glob))
  const isCovered = (path: string) => exact.has(path) || matchesAny(wild, path)
  const added = [...written].flatMap(([path, file]) =>
    file === null || scene.entries.has(path) ? [] : [{ path, ...file.state, size: 0 }],
  )
  return [...scene.entries.values(), ...added].filter(
    ({ path, mode }) => (mode === '100644' || mode === '100755') && isCovered(path),
  )
}

function* batchesOf(entries: readonly Covered[]): Generator<readonly Covered[]> {
  let batch: Covered[] = []
  let bytes = 0
  for (const entry of entries) {
    if (batch.length > 0 && bytes + entry.size > BATCH_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(entry)
    bytes += entry.size
  }
  if (batch.length > 0) yield batch
}

function nothingFound(globs: readonly string[], covered: number, binary: number): Refused {
  const skipped = binary === 0 ? '' : ` (${binary} of them binary and skipped)`
  return refused(
    'nothing-to-do',
    `the text is in none of the ${covered} files${skipped} that ${globs.join(' ').slice(0, 500)} covers at the base commit`,
    'check the spelling of the text, or name other files with paths=…',
  )
}
