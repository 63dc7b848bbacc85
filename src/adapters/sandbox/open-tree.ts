import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from 'node:fs'

/**
 * One entry of a tree that somebody hostile may have written. `at` names it through its open folder, so that a folder which is
 * replaced by a link in the meantime does not lead elsewhere.
 */
export type TreeEntry =
  | { readonly is: 'entry'; readonly path: string; readonly at: string; readonly stat: Stats }
  | { readonly is: 'unfit'; readonly path: string; readonly because: string }

/** True for what a walk leaves out, folders with all below them. */
export type Skip = (path: string, isFolder: boolean) => boolean

const DEEPEST = 200
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Every entry below `root`, folders before what is in them. An unfit entry is reported in its place and not entered. */
export function* walk(root: string, skip: Skip = () => false): Generator<TreeEntry> {
  const folder = openRoot(root)
  try {
    yield* walkOpen(folder, { prefix: '', depth: 1, skip })
  } finally {
    closeSync(folder)
  }
}

type Level = { readonly prefix: string; readonly depth: number; readonly skip: Skip }

function* walkOpen(folder: number, level: Level): Generator<TreeEntry> {
  for (const bytes of namesIn(folder)) {
    const name = decoded(bytes)
    if (name === null) {
      yield { is: 'unfit', path: `${level.prefix}${bytes.toString('latin1')}`, because: 'its name is not valid UTF-8' }
    } else yield* walkEntry(folder, name, level)
  }
}

/** A folder that is taken away while it is read has no names. */
export function namesIn(folder: number): readonly Buffer[] {
  const read = () => readdirSync(`/proc/self/fd/${folder}`, { encoding: 'buffer' })
  return (unless(read, ['ENOENT']) ?? []).sort((a, b) => Buffer.compare(a, b))
}

function* walkEntry(folder: number, name: string, level: Level): Generator<TreeEntry> {
  const at = `/proc/self/fd/${folder}/${name}`
  const path = level.prefix + name
  const stat = unless(() => lstatSync(at, { throwIfNoEntry: false }) ?? 'gone', ['EACCES'])
  if (stat === 'gone') return
  if (stat === null) {
    yield { is: 'unfit', path, because: 'it cannot be looked at' }
    return
  }
  if (level.skip(path, stat.isDirectory())) return
  yield { is: 'entry', path, at, stat }
  if (stat.isDirectory()) yield* walkFolder(at, path, level)
}

function* walkFolder(at: string, path: string, { depth, skip }: Level): Generator<TreeEntry> {
  if (depth >= DEEPEST) {
    yield { is: 'unfit', path, because: `it is more than ${DEEPEST} folders deep` }
    return
  }
  const folder = openFolder(at)
  if (folder === null) {
    yield { is: 'unfit', path, because: 'the folder cannot be opened' }
    return
  }
  try {
    yield* walkOpen(folder, { prefix: `${path}/`, depth: depth + 1, skip })
  } finally {
    closeSync(folder)
  }
}

/** The root itself is the caller's and may be reached through links. */
export function openRoot(root: string): number {
  return openSync(root, constants.O_RDONLY | constants.O_DIRECTORY)
}

/** A folder below, or null where there is none that may be entered. */
export function openFolder(at: string): number | null {
  return unless(() => openSync(at, FOLDER), ['EACCES', 'ELOOP', 'ENOTDIR', 'ENOENT'])
}

/** What a look at the disk gives, or null where it ends with one of these errors. */
export function unless<T>(look: () => T, codes: readonly string[]): T | null {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.some((code) => code === error.code)) return null
    throw error
  }
}

function decoded(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}
