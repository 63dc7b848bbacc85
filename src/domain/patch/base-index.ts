import type { Entry } from './edit.ts'
import { foldPath } from './fold-path.ts'

/** The files of a base by path. A base never changes, so that a batch of questions about it indexes it once. */
export const filesIn = onceFor(
  (base: readonly Entry[]): ReadonlyMap<string, Entry> => new Map(base.map((entry) => [entry.path, entry])),
)

export const linksIn = onceFor((base: readonly Entry[]) => base.filter(({ mode }) => mode === '120000'))

/** Under each folded name the names that are folded so, each with how many of the paths it is or is a folder of. */
export type Spellings = ReadonlyMap<string, ReadonlyMap<string, number>>

export const spellingsIn = onceFor((base: readonly Entry[]): Spellings => spellingsOf([...filesIn(base).keys()]))

export function spellingsOf(paths: readonly string[]): Spellings {
  const spellings = new Map<string, Map<string, number>>()
  for (const [name, count] of namesIn(paths)) {
    const fold = foldPath(name)
    const known = spellings.get(fold)
    if (known === undefined) spellings.set(fold, new Map([[name, count]]))
    else known.set(name, count)
  }
  return spellings
}

/** Each path and each folder above it, with how many of the paths it is or is a folder of. */
export function namesIn(paths: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const path of paths) for (const name of [...foldersOf(path), path]) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** The folders above a path, the outermost first. */
export function foldersOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
}

function onceFor<K extends object, V extends object>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>()
  return (key) => {
    const found = known.get(key) ?? make(key)
    known.set(key, found)
    return found
  }
}
