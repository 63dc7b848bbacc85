import type { Entry, FileState } from '../patch/edit.ts'

/** The files of the base commit, indexed for questions about single paths. */
export type BaseFiles = {
  readonly entries: ReadonlyMap<string, Entry>
  readonly folders: ReadonlySet<string>
}

export function toBaseFiles(listing: readonly Entry[]): BaseFiles {
  const folders = new Set<string>()
  for (const { path } of listing) {
    for (const folder of ancestorsOf(path)) folders.add(folder)
  }
  return { entries: new Map(listing.map((entry) => [entry.path, entry])), folders }
}

/** The folders that a path lies in, outermost first. */
export function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
}

export function stateAt({ entries }: BaseFiles, path: string): FileState | null {
  const entry = entries.get(path)
  return entry === undefined ? null : { mode: entry.mode, blob: entry.blob }
}
