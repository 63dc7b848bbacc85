import { type ObjectId, sha1Hex } from './hash.ts'
import { concatBytes, fromHex, toUtf8 } from './patch/bytes.ts'
import { comparePaths, type Edit, type Entry, type FileState, sameState, TreePath } from './patch/edit.ts'
import { ok, type Result, refuse } from './result.ts'

/** One child of one tree object. */
export type TreeChild = { readonly mode: FileState['mode'] | '40000'; readonly name: string; readonly id: ObjectId }

/** Why edits cannot be laid over a tree; `path` is where. */
export type TreeRefusal = { readonly path: string; readonly because: string }

export type AppliedTree = { readonly entries: readonly Entry[]; readonly treeId: ObjectId }

export function blobId(bytes: Uint8Array): ObjectId {
  return objectId('blob', bytes)
}

/** The bytes of one tree object. Children must be in git's order: by bytes, a tree as if its name ended in `/`. */
export function treeBytes(children: readonly TreeChild[]): Uint8Array {
  return concatBytes(children.flatMap((child) => [toUtf8(`${child.mode} ${child.name}\0`), fromHex(child.id)]))
}

/** The tree that the edits make of the base, and its id: what `git write-tree` says of the same files. */
export function applyEdits(base: readonly Entry[], edits: readonly Edit[]): Result<AppliedTree, TreeRefusal> {
  const states = new Map<string, FileState>()
  for (const { path, mode, blob } of base) {
    if (states.has(path)) return refuse({ path, because: 'the base lists this path twice' })
    states.set(path, { mode, blob })
  }
  const edited = new Set<string>()
  for (const edit of edits) {
    const fault = edited.has(edit.path)
      ? 'the edits name this path twice'
      : mismatch(states.get(edit.path) ?? null, edit)
    if (fault !== undefined) return refuse({ path: edit.path, because: fault })
    edited.add(edit.path)
    if (edit.after === null) states.delete(edit.path)
    else states.set(edit.path, edit.after)
  }
  const entries = Array.from(states, ([path, state]) => ({ path, mode: state.mode, blob: state.blob }))
  return treeOf(entries.sort((a, b) => comparePaths(a.path, b.path)))
}

function mismatch(found: FileState | null, edit: Edit): string | undefined {
  const shape = TreePath.safeParse(edit.path)
  if (!shape.success) return shape.error.issues.map((issue) => issue.message).join('; ')
  if (sameState(edit.before, edit.after)) return 'the edit changes nothing'
  if (sameState(found, edit.before)) return undefined
  return `the edit expects ${describe(edit.before)}, the base has ${describe(found)}`
}

function describe(state: FileState | null): string {
  return state === null ? 'nothing there' : `mode ${state.mode} blob ${state.blob}`
}

type OpenTree = { readonly prefix: string; readonly name: string; readonly parts: Uint8Array[] }

/** Hashes a whole listing, which must be sorted by the bytes of the full path: that order is each tree's own order too. */
function treeOf(entries: readonly Entry[]): Result<AppliedTree, TreeRefusal> {
  const files = new Set(entries.map((entry) => entry.path))
  const root: OpenTree = { prefix: '', name: '', parts: [] }
  const open: OpenTree[] = [root]
  for (const entry of entries) {
    closeUntil(open, entry.path)
    const conflict = openDown(open, entry.path, files)
    if (conflict !== undefined) {
      return refuse({ path: entry.path, because: `${conflict} would have to be both a file and a folder` })
    }
    const tree = open.at(-1) ?? root
    addChild(tree, { mode: entry.mode, name: entry.path.slice(tree.prefix.length), id: entry.blob })
  }
  while (open.length > 1) closeOne(open)
  return ok({ entries, treeId: objectId('tree', concatBytes(root.parts)) })
}

function closeUntil(open: OpenTree[], path: string): void {
  while (open.length > 1 && !path.startsWith(open.at(-1)?.prefix ?? '')) closeOne(open)
}

function closeOne(open: OpenTree[]): void {
  const done = open.pop()
  const parent = open.at(-1)
  if (done === undefined || parent === undefined) return
  addChild(parent, { mode: '40000', name: done.name, id: objectId('tree', concatBytes(done.parts)) })
}

/** Opens the trees that lead to a path; answers the folder that is also a file, if there is one. */
function openDown(open: OpenTree[], path: string, files: ReadonlySet<string>): string | undefined {
  let from = open.at(-1)?.prefix.length ?? 0
  for (let slash = path.indexOf('/', from); slash !== -1; slash = path.indexOf('/', from)) {
    const folder = path.slice(0, slash)
    if (files.has(folder)) return folder
    open.push({ prefix: `${folder}/`, name: path.slice(from, slash), parts: [] })
    from = slash + 1
  }
  return undefined
}

function addChild(tree: OpenTree, child: TreeChild): void {
  tree.parts.push(treeBytes([child]))
}

function objectId(type: 'blob' | 'tree', bytes: Uint8Array): ObjectId {
  const head = `${type} ${bytes.length}\0`
  const whole = new Uint8Array(head.length + bytes.length)
  for (let i = 0; i < head.length; i += 1) whole[i] = head.charCodeAt(i)
  whole.set(bytes, head.length)
  return sha1Hex(whole)
}
