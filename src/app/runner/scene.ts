import { quote } from '../../domain/control/quote.ts'
import { type AppliedTree, applyEdits, blobId } from '../../domain/git-objects.ts'
import { type ObjectId, type Sha256, sha256Hex } from '../../domain/hash.ts'
import { comparePaths, type Edit, type Entry, type FileState, sameState } from '../../domain/patch/edit.ts'
import { isGitFolder } from '../../domain/patch/judge-path.ts'
import { staysInside } from '../../domain/patch/judge-tree.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Keep } from './keeper.ts'
import type { JobRefusal, Mission } from './mission.ts'
import type { BaseCheckout, JobPorts, Listing } from './ports.ts'

/** Files by path. */
export type Files = ReadonlyMap<string, FileState>

/** What stays the same for all steps of a job. */
export type Stage = {
  readonly mission: Mission
  readonly ports: JobPorts
  readonly sandbox: Sandbox
  readonly base: BaseCheckout
  /** The bytes that the plan brings, by blob id. */
  readonly contents: ReadonlyMap<ObjectId, Uint8Array>
  /** The job's own folder; every checkout lies in it. */
  readonly folder: string
  readonly keep: Keep
}

/** The checkout between two steps: what git tracks, and all that is on disk (with what preparing left there). */
export type Scene = { readonly root: string; readonly tree: AppliedTree; readonly files: Files }

/** Exports the base and makes sure that every file on disk is the one that the base's tree names. */
export async function openScene(
  stage: Pick<Stage, 'base' | 'ports' | 'mission'>,
  root: string,
): Promise<Result<Scene, JobRefusal>> {
  const { base, ports, mission } = stage
  const tree = applyEdits(base.entries, [])
  if (base.tree !== mission.grant.base.tree || !tree.ok || tree.value.treeId !== base.tree) {
    return refuse({ rule: 'base-tree', because: `the base commit does not have the tree ${mission.grant.base.tree}` })
  }
  await base.exportTo(root)
  const files = filesIn(ports.workplace.list(root))
  if (!files.ok) return refuse({ rule: 'base-tree', because: `the base cannot be checked out: ${files.refusal}` })
  const [stray] = changesBetween(onDisk(tree.value.entries), files.value)
  if (stray === undefined) return ok({ root, tree: tree.value, files: files.value })
  return refuse({ rule: 'base-tree', because: `${quote(stray.path)} was not checked out as the base has it` })
}

/** A listing as a map, or why the folder holds what git could not. */
export function filesIn(listing: Listing): Result<Files, string> {
  if (listing.is === 'refused') return refuse(`${quote(listing.path)}: ${listing.because}`)
  return ok(new Map(listing.entries.map(({ path, mode, blob }) => [path, { mode, blob }])))
}

/** A submodule is a folder that nothing is in. */
function onDisk(entries: readonly Entry[]): Files {
  const files = entries.filter((entry) => entry.mode !== '160000')
  return new Map(files.map(({ path, mode, blob }) => [path, { mode, blob }]))
}

/** Every path that differs, in git's order. */
export function changesBetween(before: Files, after: Files): readonly Edit[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths]
    .map((path) => ({ path, before: before.get(path) ?? null, after: after.get(path) ?? null }))
    .filter((change) => !sameState(change.before, change.after))
    .sort((a, b) => comparePaths(a.path, b.path))
}

/** The changes that git would see: of tracked paths, and of others that the base's `.gitignore` files do not cover. */
export async function visibleChanges(stage: Stage, scene: Scene, changes: readonly Edit[]): Promise<readonly Edit[]> {
  const tracked = new Set(scene.tree.entries.map((entry) => entry.path))
  const open = changes.map((change) => change.path).filter((path) => !tracked.has(path) && !isInGitFolder(path))
  const ignored = open.length === 0 ? new Set<string>() : await stage.ports.ignored(await ignoreFiles(stage.base), open)
  return changes.filter((change) => !ignored.has(change.path))
}

function isInGitFolder(path: string): boolean {
  return path.split('/').some(isGitFolder)
}

async function ignoreFiles(
  base: BaseCheckout,
): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
  const entries = base.entries.filter(
    ({ path, mode }) =>
      (path === '.gitignore' || path.endsWith('/.gitignore')) && mode !== '120000' && mode !== '160000',
  )
  const blobs = await base.read(entries.map((entry) => entry.blob))
  return entries.flatMap(({ path, blob }) => {
    const bytes = blobs.get(blob)
    return bytes === undefined ? [] : [{ path, bytes }]
  })
}

/** Puts edits in place, on disk and in the tree. */
export function applyToScene(
  stage: Stage,
  scene: Scene,
  edits: readonly Edit[],
  bytesOf: (blob: ObjectId) => Uint8Array | undefined,
): Result<Scene, string> {
  const tree = applyEdits(scene.tree.entries, edits)
  if (!tree.ok) return refuse(`${quote(tree.refusal.path)}: ${tree.refusal.because}`)
  const files = new Map(scene.files)
  for (const edit of inOrder(edits)) {
    const fault = writeEdit(stage, scene.root, edit, bytesOf)
    if (fault !== null) return refuse(`${quote(edit.path)}: ${fault}`)
    if (edit.after === null || edit.after.mode === '160000') files.delete(edit.path)
    else files.set(edit.path, edit.after)
  }
  return ok({ root: scene.root, tree: tree.value, files })
}

/** What goes makes room for what comes: a file may stand where a folder was. Links come last: nothing is written through one. */
function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return edits.toSorted((a, b) => turnOf(a) - turnOf(b))
}

function turnOf({ after }: Edit): number {
  if (after === null) return 0
  return after.mode === '120000' ? 2 : 1
}

function writeEdit(
  { ports }: Stage,
  root: string,
  { path, after }: Edit,
  bytesOf: (blob: ObjectId) => Uint8Array | undefined,
): string | null {
  if (after === null) return ports.workplace.write(root, path, null)
  if (after.mode === '160000') return ports.workplace.write(root, path, { mode: after.mode })
  const bytes = bytesOf(after.blob)
  if (bytes === undefined) return `the bytes of ${after.blob} are not there`
  if (after.mode === '120000' && !staysInside(path, bytes)) return 'it would be a link that leads out of the tree'
  return ports.workplace.write(root, path, { mode: after.mode, bytes })
}

/** Fetches all bytes that the plan brings; each must be what both of its names say. */
export async function fetchContents({
  mission,
  ports,
}: Pick<Stage, 'mission' | 'ports'>): Promise<Result<ReadonlyMap<ObjectId, Uint8Array>, JobRefusal>> {
  const contents = new Map<ObjectId, Uint8Array>()
  for (const { blob, sha256, bytes } of mission.contents) {
    const got = await ports.blobs.get(sha256)
    if (!got.ok) return refuse({ rule: got.refusal.rule, because: got.refusal.because })
    if (!isNamed(got.value, { blob, sha256, bytes })) {
      return refuse({ rule: 'content', because: `the bytes that were handed out for ${sha256} are others` })
    }
    contents.set(blob, got.value)
  }
  return ok(contents)
}

function isNamed(
  content: Uint8Array,
  named: { readonly blob: ObjectId; readonly sha256: Sha256; readonly bytes: number },
): boolean {
  return content.length === named.bytes && sha256Hex(content) === named.sha256 && blobId(content) === named.blob
}
