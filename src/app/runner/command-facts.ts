import type { CommandFacts, FileKind } from '../../domain/control/word-fault.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { makeTargetsOf, readPackageJson } from '../../domain/packs/memory-scripts.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import type { Entry } from '../../domain/patch/edit.ts'

const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'] as const
const NAMED = new Set<string>(['package.json', ...MAKEFILES])

/** The files at the root that say which scripts and targets there are. */
export function filesForFacts(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter((entry) => NAMED.has(entry.path) && isPlain(entry))
}

/** What a command can be judged by: the files of one tree, and the scripts and targets that it declares. */
export function commandFacts(
  entries: readonly Entry[],
  read: (blob: ObjectId) => Uint8Array | undefined,
): CommandFacts {
  const kinds = new Map<string, FileKind>()
  for (const { path, mode } of entries) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      kinds.set(path.slice(0, slash), 'directory')
    }
    kinds.set(path, mode === '120000' ? 'symlink' : mode === '160000' ? 'directory' : 'file')
  }
  const named = new Map(filesForFacts(entries).map((entry) => [entry.path, entry.blob]))
  const text = (path: string) => {
    const blob = named.get(path)
    const bytes = blob === undefined ? undefined : read(blob)
    return bytes === undefined ? undefined : fromUtf8(bytes)
  }
  const makefile = MAKEFILES.find((name) => named.has(name))
  return {
    scripts: readPackageJson(text('package.json')).scripts.map((script) => script.name),
    makeTargets: makefile === undefined ? [] : makeTargetsOf(text(makefile) ?? ''),
    files: (path) => kinds.get(path) ?? null,
  }
}

function isPlain({ mode }: Entry): boolean {
  return mode === '100644' || mode === '100755'
}
