import { filesIn, foldersOf, linksIn, namesIn, type Spellings, spellingsIn, spellingsOf } from './base-index.ts'
import { fromUtf8 } from './bytes.ts'
import type { Content, Edit, Entry } from './edit.ts'
import type { Fault } from './fault.ts'
import { foldPath } from './fold-path.ts'
import { showText } from './hidden-text.ts'
import { isGitFolder } from './judge-path.ts'

type TreeInQuestion = {
  readonly edits: readonly Edit[]
  readonly base: readonly Entry[]
  readonly contents: Content
  readonly allow: { readonly symlinks: boolean }
}

/** New links must lead to a place inside the tree, whatever other links they meet on the way. */
export function symlinkFaults({ edits, contents }: TreeInQuestion): readonly Fault[] {
  return edits
    .filter(({ after }) => after?.mode === '120000')
    .filter(({ path, after }) => !staysInside(path, contents.get(after?.blob ?? '')))
    .map(({ path }) => ({
      rule: 'symlink-escapes',
      path,
      because: `"${showText(path)}" is a symbolic link that leads out of the tree, into .git or nowhere`,
    }))
}

/**
 * Whether a link at this path with this target leads to a place inside the tree. Climbing is counted only at the start of
 * a target: after another link `..` would mean another folder.
 */
export function staysInside(path: string, target: Uint8Array | undefined): boolean {
  const text = target === undefined ? undefined : fromUtf8(target)
  if (text === undefined || text === '' || /^[\\/]|[\0\\]/.test(text) || /^[A-Za-z]:/.test(text)) return false
  const parts = text.split('/')
  const climbs = parts.findIndex((part) => part !== '..')
  const down = climbs === -1 ? [] : parts.slice(climbs)
  const height = climbs === -1 ? parts.length : climbs
  return height < path.split('/').length && !down.includes('..') && !down.some(isGitFolder)
}

/** No edit may lie below a symbolic link: of the base, or of this very change. */
export function throughSymlinks({ edits, base, allow }: TreeInQuestion): readonly Fault[] {
  const removed = new Set(edits.filter(({ after }) => after?.mode !== '120000').map(({ path }) => path))
  const links = linksIn(base)
    .filter(({ path }) => !(allow.symlinks && removed.has(path)))
    .concat(edits.flatMap(({ path, after }) => (after?.mode === '120000' ? [{ path, ...after }] : [])))
  if (links.length === 0) return []
  const folded = new Set(links.map(({ path }) => foldPath(path)))
  return edits
    .filter(({ path }) => foldersOf(path).some((folder) => folded.has(foldPath(folder))))
    .map(({ path }) => ({
      rule: 'path-through-symlink',
      path,
      because: `"${showText(path)}" lies below a symbolic link`,
    }))
}

/** New paths that need a file as a folder, or that another system could not tell from a path that is there afterwards. */
export function collisions({ edits, base }: TreeInQuestion): readonly Fault[] {
  const created = edits.filter(({ before, after }) => before === null && after !== null).map(({ path }) => path)
  if (created.length === 0) return []
  const gone = pathsGone(edits, base)
  const news = new Set(created)
  const after = { base: spellingsIn(base), gone: namesIn([...gone]), created: spellingsOf(created) }
  const isFile = (name: string) => (filesIn(base).has(name) && !gone.has(name)) || news.has(name)
  return created.flatMap((path): readonly Fault[] => {
    const file = foldersOf(path).find(isFile) ?? (isFolder(after, path) ? path : undefined)
    if (file !== undefined) {
      const because = `"${showText(path)}" would need "${showText(file)}" to be a file and a folder`
      return [{ rule: 'path-file-and-folder', path, because }]
    }
    const twin = [...foldersOf(path), path].map((name) => twinOf(after, name)).find((name) => name !== undefined)
    if (twin === undefined) return []
    const because = `"${showText(path)}" cannot be told from "${showText(twin)}" where case or Unicode form is ignored`
    return [{ rule: 'path-collision', path, because }]
  })
}

function pathsGone(edits: readonly Edit[], base: readonly Entry[]): ReadonlySet<string> {
  const gone = edits.filter(({ after }) => after === null).map(({ path }) => path)
  return new Set(gone.filter((path) => filesIn(base).has(path)))
}

/** The names after a change: those of the base but where all that bore them is gone, and those that it creates. */
type Names = {
  readonly base: Spellings
  readonly gone: ReadonlyMap<string, number>
  readonly created: Spellings
}

/** Whether a path that is no file of the base has files of it below it that stay. */
function isFolder({ base, gone }: Names, path: string): boolean {
  return (base.get(foldPath(path))?.get(path) ?? 0) > (gone.get(path) ?? 0)
}

function twinOf({ base, gone, created }: Names, name: string): string | undefined {
  const fold = foldPath(name)
  const stayed = Array.from(base.get(fold) ?? []).filter(([other, count]) => count > (gone.get(other) ?? 0))
  return [...stayed, ...(created.get(fold) ?? [])].map(([other]) => other).find((other) => other !== name)
}
