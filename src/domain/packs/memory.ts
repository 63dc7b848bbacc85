import { fromUtf8 } from '../patch/bytes.ts'
import { comparePaths, type Entry } from '../patch/edit.ts'
import { cutText } from './cut-text.ts'
import { isCodeowners, isMemoryNote, isRead, roleOf } from './memory-files.ts'
import type { MemoryItem, MemoryPack } from './memory-pack.ts'
import { makeTargetsOf, readPackageJson } from './memory-scripts.ts'
import { packageManagerOf, type RepositoryShape, testCommandOf } from './memory-tools.ts'

/** One file of the base commit with the size of its blob. */
export type SizedEntry = Entry & { readonly size: number }

/** The base commit as it was read; `read` knows at least the files that `filesForMemory` names and are not too large. */
export type Snapshot = {
  readonly sha: string
  readonly tree: string
  readonly entries: readonly SizedEntry[]
  readonly read: (blob: string) => Uint8Array | undefined
}

const MAX_READ_BYTES = 1_048_576
const MAX_EXCERPT = 12_000
const MAX_ITEMS = 2000
const MAX_NOTES = 200

/** The files whose content the MemoryPack needs, in the order of their paths. */
export function filesForMemory(entries: readonly SizedEntry[]): readonly SizedEntry[] {
  return sorted(entries).filter((entry) => isPlainFile(entry) && isRead(entry.path) && entry.size <= MAX_READ_BYTES)
}

/** What is known about the base commit. The same snapshot and the same earlier runs give the same pack, byte for byte. */
export function toMemoryPack(snapshot: Snapshot, earlierRuns: readonly MemoryItem[]): MemoryPack {
  const entries = sorted(snapshot.entries)
  const shape = shapeOf(entries, snapshot.read)
  const packageManager = packageManagerOf(shape)
  const test = testCommandOf(shape, packageManager?.name ?? null)
  const known = [
    ...(entries.length === 0 ? [] : [fileTypes(entries, snapshot.tree)]),
    ...toolFacts(shape, packageManager, test),
    ...noted(entries, snapshot.read),
  ]
  const items = [...known, ...earlierRuns].slice(0, MAX_ITEMS)
  return {
    v: 1,
    base: { sha: snapshot.sha, tree: snapshot.tree, files: entries.length },
    packageManager: packageManager?.name ?? null,
    ...namedCommands(shape),
    testCommand: test === null ? null : [...test.argv],
    codeowners: entries.find((entry) => isPlainFile(entry) && isCodeowners(entry.path))?.path ?? null,
    items,
    emptyBecause: items.length === 0 ? 'the base commit has no files, and no earlier run is on record' : null,
  }
}

function namedCommands({ packageJson, makefile }: RepositoryShape): Pick<MemoryPack, 'scripts' | 'makeTargets'> {
  return { scripts: [...(packageJson?.scripts ?? [])], makeTargets: [...(makefile?.targets ?? [])] }
}

function sorted(entries: readonly SizedEntry[]): readonly SizedEntry[] {
  return [...entries].sort((a, b) => comparePaths(a.path, b.path))
}

function isPlainFile({ mode }: Entry): boolean {
  return mode === '100644' || mode === '100755'
}

type Read = Snapshot['read']

function shapeOf(entries: readonly SizedEntry[], read: Read): RepositoryShape {
  const files = new Map(entries.filter(isPlainFile).map((entry) => [entry.path, entry]))
  const text = (path: string) => {
    const entry = files.get(path)
    const bytes = entry === undefined ? undefined : read(entry.blob)
    return bytes === undefined ? undefined : fromUtf8(bytes)
  }
  const manifest = files.get('package.json')
  const makefile = ['GNUmakefile', 'makefile', 'Makefile'].map((path) => files.get(path)).find((entry) => entry)
  return {
    files,
    text,
    packageJson: manifest === undefined ? null : { entry: manifest, ...readPackageJson(text('package.json')) },
    makefile: makefile === undefined ? null : { entry: makefile, targets: makeTargetsOf(text(makefile.path) ?? '') },
  }
}

function fileTypes(entries: readonly SizedEntry[], tree: string): MemoryItem {
  const counts = new Map<string, number>()
  for (const { path } of entries) {
    const ending = /[^/]\.([A-Za-z0-9_+-]{1,16})$/.exec(path)?.[1]?.toLowerCase() ?? 'no ending'
    counts.set(ending, (counts.get(ending) ?? 0) + 1)
  }
  const most = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 20)
  const value = `${entries.length} files: ${most.map(([ending, count]) => `${ending} ${count}`).join(', ')}`
  return { type: 'fact', name: 'file types', value, source: { is: 'tree', tree } }
}

function toolFacts(
  shape: RepositoryShape,
  packageManager: ReturnType<typeof packageManagerOf>,
  test: ReturnType<typeof testCommandOf>,
): readonly MemoryItem[] {
  const { packageJson, makefile } = shape
  return [
    packageManager === null ? [] : fact('package manager', packageManager.name, packageManager.entry),
    packageJson === null || packageJson.fault === null
      ? []
      : fact('package.json', packageJson.fault, packageJson.entry),
    packageJson === null || packageJson.scripts.length === 0
      ? []
      : fact('scripts', packageJson.scripts.map((script) => script.name).join('\n'), packageJson.entry),
    makefile === null || makefile.targets.length === 0
      ? []
      : fact('make targets', makefile.targets.join('\n'), makefile.entry),
    test === null ? [] : fact('test command', test.argv.join(' '), test.entry),
  ].flat()
}

function fact(name: string, value: string, entry: Entry): readonly MemoryItem[] {
  return [toItem('fact', name, { value, entry })]
}

function noted(entries: readonly SizedEntry[], read: Read): readonly MemoryItem[] {
  const files = entries.filter(isPlainFile)
  const notes = files.filter(({ path }) => isMemoryNote(path)).slice(0, MAX_NOTES)
  const others = files.filter(({ path }) => !isMemoryNote(path) && roleOf(path) !== null).slice(0, MAX_NOTES)
  return [...others, ...notes].map((entry) =>
    toItem(roleOf(entry.path) ?? 'fact', entry.path, { value: excerpt(entry, read), entry }),
  )
}

function excerpt(entry: SizedEntry, read: Read): string {
  if (entry.size > MAX_READ_BYTES) return `[not read: ${entry.size} bytes]`
  const bytes = read(entry.blob)
  if (bytes === undefined) return '[not read]'
  const text = fromUtf8(bytes)
  if (text === undefined) return `[not UTF-8 text: ${bytes.length} bytes]`
  const start = cutText(text, MAX_EXCERPT)
  return start.length === text.length ? text : `${start}\n[cut: ${text.length - start.length} more characters]`
}

function toItem(
  type: MemoryItem['type'],
  name: string,
  { value, entry }: { readonly value: string; readonly entry: Entry },
): MemoryItem {
  const source = { is: 'file', path: cutText(entry.path, 4096), blob: entry.blob } as const
  return { type, name: cutText(name, 200), value: cutText(value, 65_536), source }
}
