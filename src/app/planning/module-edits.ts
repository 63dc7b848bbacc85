import { indexOfBytes, replaceBytes } from '../../domain/packs/byte-search.ts'
import type { ModuleEdit } from '../../domain/packs/module-reply.ts'
import { toUtf8 } from '../../domain/patch/bytes.ts'
import type { FileMode } from '../../domain/patch/edit.ts'
import { isFile } from './covered-files.ts'
import { claim, type Work } from './recipe-work.ts'
import { toWritten } from './sketch.ts'

/** A change that a module makes itself, where it does not use another recipe. */
export type OwnEdit = Exclude<ModuleEdit, { kind: 'use' }>

/** Lays one edit of a module over what stands there, or says why it cannot: a module changes only what it declared. */
export async function layModuleEdit(
  work: Work,
  edit: OwnEdit,
  declared: ReadonlySet<string>,
): Promise<string | undefined> {
  if (edit.kind === 'create') return create(work, edit)
  const path = edit.kind === 'rename' ? edit.from : edit.path
  const shown = path.slice(0, 200)
  if (!declared.has(path) && !work.written.has(path)) return `it edits ${shown}, which its \`files\` do not cover here`
  const found = await standing(work, path)
  if (found === undefined) return `it edits ${shown}, which is not there any more`
  if (!isFile(found)) return `it edits ${shown}, which is a link or a submodule`
  claim(work, path, 'exists')
  return layOver(work, edit, found)
}

function layOver(work: Work, edit: Exclude<OwnEdit, { kind: 'create' }>, found: Standing): string | undefined {
  switch (edit.kind) {
    case 'write':
      return write(work, edit.path, toWritten(found.mode, toUtf8(edit.content)))
    case 'replace':
      return replaceOnce(work, edit, found)
    case 'delete':
      return write(work, edit.path, null)
    case 'rename':
      return rename(work, edit, found)
  }
}

type Standing = { readonly mode: FileMode; readonly bytes: Uint8Array }

async function standing({ scene, written }: Work, path: string): Promise<Standing | undefined> {
  const own = written.get(path)
  if (own === null) return undefined
  if (own !== undefined) return own.bytes === null ? undefined : { mode: own.state.mode, bytes: own.bytes }
  const entry = scene.entries.get(path)
  if (entry === undefined) return undefined
  if (entry.mode === '160000') return { mode: entry.mode, bytes: new Uint8Array() }
  const bytes = (await scene.reader.blobs([entry.blob])).get(entry.blob)
  if (bytes === undefined) throw new Error(`the reader left out blob ${entry.blob}`)
  return { mode: entry.mode, bytes }
}

function isTaken({ scene, written }: Work, path: string): boolean {
  return written.has(path) ? written.get(path) !== null : scene.entries.has(path)
}

function write({ written }: Work, path: string, file: ReturnType<typeof toWritten> | null): undefined {
  written.set(path, file)
}

function create(work: Work, { path, content, executable }: Extract<OwnEdit, { kind: 'create' }>): string | undefined {
  if (isTaken(work, path)) return `it creates ${path.slice(0, 200)}, which is already there`
  claim(work, path, 'is-new')
  return write(work, path, toWritten(executable ? '100755' : '100644', toUtf8(content)))
}

function replaceOnce(
  work: Work,
  { path, search, replace }: Extract<OwnEdit, { kind: 'replace' }>,
  { mode, bytes }: Standing,
): string | undefined {
  const find = toUtf8(search)
  const first = indexOfBytes(bytes, find, 0)
  if (first === -1) return `the text that it replaces is not in ${path.slice(0, 200)}`
  if (indexOfBytes(bytes, find, first + 1) !== -1)
    return `the text that it replaces is in ${path.slice(0, 200)} more than once`
  return write(work, path, toWritten(mode, replaceBytes(bytes, find, toUtf8(replace)) ?? bytes))
}

function rename(
  work: Work,
  { from, to }: Extract<OwnEdit, { kind: 'rename' }>,
  { mode, bytes }: Standing,
): string | undefined {
  if (isTaken(work, to)) return `it moves ${from.slice(0, 200)} to ${to.slice(0, 200)}, which is already there`
  claim(work, to, 'is-new')
  write(work, to, toWritten(mode, bytes))
  return write(work, from, null)
}
