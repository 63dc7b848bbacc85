import { z } from 'zod'
import { ObjectId } from '../hash.ts'

/** The four modes that git gives to an entry which is not a tree: file, program, symbolic link, submodule. */
export const FileMode = z.enum(['100644', '100755', '120000', '160000'])
export type FileMode = z.infer<typeof FileMode>

export const MAX_PATH_BYTES = 4096

/**
 * A path of a tree as git stores it: relative, parts joined by `/`, none of them empty, `.` or `..`.
 * What else makes a path dangerous is for the hygiene gate to say.
 */
export const TreePath = z
  .string()
  .min(1)
  .max(MAX_PATH_BYTES)
  .refine((path) => path.isWellFormed(), 'holds half of a surrogate pair, which UTF-8 cannot carry')
  .refine((path) => !path.includes('\0'), 'holds a NUL')
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'is not a relative path without empty, "." or ".." parts',
  )

/** What stands at a path: its mode and the id of its blob (of a submodule: of its commit). */
export const FileState = z.strictObject({ mode: FileMode, blob: ObjectId }).readonly()
export type FileState = z.infer<typeof FileState>

/** One change of one path. A rename is a deletion and a creation. */
export const Edit = z
  .strictObject({ path: TreePath, before: FileState.nullable(), after: FileState.nullable() })
  .readonly()
  .refine((edit) => !sameState(edit.before, edit.after), 'changes nothing')
export type Edit = z.infer<typeof Edit>

/** One file of a tree, by its full path. */
export type Entry = { readonly path: string } & FileState

/** Bytes by their blob id. */
export type Content = ReadonlyMap<string, Uint8Array>

export function sameState(a: FileState | null, b: FileState | null): boolean {
  if (a === null || b === null) return a === b
  return a.mode === b.mode && a.blob === b.blob
}

/** Order of the UTF-8 bytes, which is git's. Differs from the order of `<` where a character needs a surrogate pair. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return utf8Rank(x) - utf8Rank(y)
  }
  return a.length - b.length
}

function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
