import { z } from 'zod'
import { FileMode, FileState } from '../patch/edit.ts'
import { foldPath } from '../patch/fold-path.ts'
import { ancestorsOf, type BaseFiles, stateAt } from './base-files.ts'
import { nearPaths } from './near-paths.ts'

const Path = z.string().max(4096)

/** What the base commit has at a path that a draft speaks of, beside what the draft takes for granted there. */
export const PathFact = z.strictObject({
  path: Path,
  claims: z.enum(['exists', 'is-new', 'may-exist']),
  found: FileState.nullable(),
  isFolder: z.boolean(),
  /** The first folder of the path that is no folder at the base: a symlink, submodule or file. */
  through: z.strictObject({ path: Path, mode: FileMode }).nullable(),
  /** Existing files and folders that some file system takes for the path or for a folder of it that is not there. */
  alike: z.array(Path).max(5),
  /** What may have been meant where nothing is found. */
  near: z.array(Path).max(3),
})
export type PathFact = z.infer<typeof PathFact>
export type PathClaim = Pick<PathFact, 'path' | 'claims'>

/** Looks up what the claims speak of. Files that the draft itself deletes (`gone`) stand in the way of nothing new. */
export function pathFacts(
  claims: readonly PathClaim[],
  base: BaseFiles,
  gone: ReadonlySet<string> = new Set(),
): readonly PathFact[] {
  const whole = indexOf(base)
  const left = gone.size === 0 ? whole : indexOf(without(base, gone))
  return claims.map((claim) => factOf(claim, claim.claims === 'exists' ? whole : left))
}

type Index = { readonly files: BaseFiles; readonly spellings: ReadonlyMap<string, readonly string[]> }

function indexOf(files: BaseFiles): Index {
  return { files, spellings: Map.groupBy([...files.entries.keys(), ...files.folders], foldPath) }
}

function without({ entries }: BaseFiles, gone: ReadonlySet<string>): BaseFiles {
  const left = [...entries].filter(([path]) => !gone.has(path))
  return { entries: new Map(left), folders: new Set(left.flatMap(([path]) => ancestorsOf(path))) }
}

function factOf({ path, claims }: PathClaim, { files, spellings }: Index): PathFact {
  const found = stateAt(files, path)
  const isFolder = files.folders.has(path)
  const through = ancestorsOf(path).find((folder) => files.entries.has(folder))
  const mode = through === undefined ? undefined : files.entries.get(through)?.mode
  const isMissing = found === null && !isFolder
  return {
    path,
    claims,
    found,
    isFolder,
    through: through === undefined || mode === undefined ? null : { path: through, mode },
    alike: isMissing ? alikeTo(path, files, spellings) : [],
    near: isMissing && claims === 'exists' ? [...nearPaths(path, [...files.entries.keys(), ...files.folders])] : [],
  }
}

function alikeTo(path: string, { entries, folders }: BaseFiles, spellings: Index['spellings']): string[] {
  const absent = [...ancestorsOf(path), path].filter((name) => !entries.has(name) && !folders.has(name))
  const others = absent.flatMap((name) => (spellings.get(foldPath(name)) ?? []).filter((other) => other !== name))
  return [...new Set(others)].slice(0, 5)
}

/** What keeps two paths apart that some file system takes for one. */
export function differenceOf(a: string, b: string): string {
  if (a.normalize('NFC') === b.normalize('NFC')) return 'its Unicode form'
  return a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase() ? 'case' : 'characters that are not seen'
}
