import type { Sha256 } from '../hash.ts'
import type { Instant } from '../ids.ts'
import { filesToRead } from '../memory/choose-files.ts'
import { mapFiles } from '../memory/map-files.ts'
import { type Note, parseNote } from '../memory/note.ts'
import { languagesIn, testLayoutOf } from '../memory/shape.ts'
import { fromUtf8 } from '../patch/bytes.ts'
import { comparePaths, type Entry } from '../patch/edit.ts'
import { refuse } from '../result.ts'
import { toCheckout } from '../targets/checkout.ts'
import { readPackageJson } from '../targets/package-json.ts'
import { isBinary } from './byte-search.ts'
import { makeTargetsAtRoot } from './checks.ts'
import { cutText } from './cut-text.ts'
import type { Intent } from './intent.ts'
import { isCodeowners, isMemoryNote, isRead, isWorkflow, roleOf } from './memory-files.ts'
import type { MemoryItem, MemoryPack } from './memory-pack.ts'
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

/** What the pack is for: what is wanted, the recorded instant that expiry is judged at, and what may be said of it. */
export type Need = {
  readonly text: string
  readonly intent: Sha256 | null
  readonly at: Instant
  /** How many tokens map and excerpts may cost together. */
  readonly budget: number
}

/** What a run's MemoryPack may say of files, in tokens. */
export const MEMORY_TOKENS = 24_000

const MAX_READ_BYTES = 1_048_576
const MAX_EXCERPT = 12_000
const MAX_ITEMS = 2000
const MAX_NOTES = 200

/** The text that an Intent is looked for with: what is wanted first, then where and under which conditions. */
export function textOfIntent({ goal, scope, constraints, criteria }: Intent): string {
  return [goal, ...[...scope, ...constraints, ...criteria].map(({ text }) => text)].join('\n')
}

/** The files whose content the MemoryPack needs, in the order of their paths: a bounded number beside those it always reads. */
export function filesForMemory(entries: readonly SizedEntry[], text: string): readonly SizedEntry[] {
  const always = entries.filter((entry) => isPlainFile(entry) && isRead(entry.path) && entry.size <= MAX_READ_BYTES)
  const ranked = new Set(filesToRead(entries, text).map(({ path }) => path))
  const wanted = new Set([...always, ...entries.filter(({ path }) => ranked.has(path))])
  return sorted([...wanted])
}

/** What is known about the base commit, and what of it is needed. The same inputs give the same pack, byte for byte. */
export function toMemoryPack(snapshot: Snapshot, need: Need, earlier: readonly MemoryItem[]): MemoryPack {
  const entries = sorted(snapshot.entries)
  const shape = shapeOf(entries, snapshot.read)
  const packageManager = packageManagerOf(shape)
  const test = testCommandOf(shape, packageManager?.name ?? null)
  const notes = readNotes(entries, snapshot.read, need.at)
  const known = [
    ...(entries.length === 0 ? [] : [fileTypes(entries, snapshot.tree)]),
    ...toolFacts(shape, packageManager, test),
    ...conventions(entries, snapshot.read),
    ...notes.items,
  ]
  const { items, leftOut } = current([...known, ...earlier], need.at)
  const plain = entries.filter(isPlainFile)
  return {
    v: 1,
    base: { sha: snapshot.sha, tree: snapshot.tree, files: entries.length },
    intent: need.intent,
    languages: languagesIn(plain),
    packageManager: packageManager?.name ?? null,
    ...namedCommands(shape),
    testCommand: test === null ? null : [...test.argv],
    tests: testLayoutOf(plain),
    workflows: pathsOf(plain, isWorkflow),
    codeowners: plain.find(({ path }) => isCodeowners(path))?.path ?? null,
    conventions: pathsOf(plain, (path) => roleOf(path) === 'convention'),
    items: items.slice(0, MAX_ITEMS),
    map: mapFiles({
      entries: plain.filter(({ path }) => !isMemoryNote(path)),
      text: need.text,
      budget: need.budget,
      read: textsToRank(entries, snapshot, need),
    }),
    leftOut: [...notes.leftOut, ...leftOut].slice(0, 500),
    emptyBecause: items.length === 0 ? 'the base commit has no files, and nothing earlier is on record for it' : null,
  }
}

/** Items that hold no longer are left out, and that is said. */
function current(items: readonly MemoryItem[], at: Instant): { items: MemoryItem[]; leftOut: MemoryPack['leftOut'] } {
  const expired = items.filter(({ expires }) => expires !== null && expires <= at)
  return {
    items: items.filter((item) => !expired.includes(item)),
    leftOut: expired.map(({ name, expires }) => ({ name, because: `it expired on ${expires ?? ''}` })),
  }
}

function pathsOf(entries: readonly SizedEntry[], isWanted: (path: string) => boolean): string[] {
  const paths = entries.map(({ path }) => path)
  return paths.filter((path) => path.length <= 4096 && isWanted(path)).slice(0, MAX_NOTES)
}

function textsToRank(entries: readonly SizedEntry[], { read }: Snapshot, { text }: Need): ReadonlyMap<string, string> {
  return new Map(
    filesToRead(entries, text).flatMap(({ path, blob }) => {
      const bytes = read(blob)
      const content = bytes === undefined || isBinary(bytes) ? undefined : fromUtf8(bytes)
      return content === undefined ? [] : [[path, content] as const]
    }),
  )
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
  const checkout = toCheckout(entries, read)
  const manifest = files.get('package.json')
  const makefile = ['GNUmakefile', 'makefile', 'Makefile'].map((path) => files.get(path)).find((entry) => entry)
  return {
    files,
    checkout,
    packageJson: manifest === undefined ? null : { entry: manifest, ...readPackageJson(checkout.text('package.json')) },
    makefile: makefile === undefined ? null : { entry: makefile, targets: makeTargetsAtRoot(checkout) },
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
  const source = { is: 'tree', tree } as const
  return { type: 'fact', name: 'file types', value, scope: ['**'], confidence: 100, expires: null, source }
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

function conventions(entries: readonly SizedEntry[], read: Read): readonly MemoryItem[] {
  const files = entries.filter((entry) => isPlainFile(entry) && roleOf(entry.path) !== null)
  return files
    .slice(0, MAX_NOTES)
    .map((entry) => toItem(roleOf(entry.path) ?? 'fact', entry.path, { value: excerpt(entry, read), entry }))
}

type Noted = { readonly items: readonly MemoryItem[]; readonly leftOut: MemoryPack['leftOut'] }

/** What people wrote down in `.agentos/memory/`. A note that cannot be read is named with what is wrong with it. */
export function readNotes(entries: readonly SizedEntry[], read: Read, at: Instant): Noted {
  const files = entries.filter((entry) => isPlainFile(entry) && isMemoryNote(entry.path))
  const items: MemoryItem[] = []
  const leftOut: MemoryPack['leftOut'] = []
  for (const [index, entry] of files.entries()) {
    const text = entry.size > MAX_READ_BYTES ? undefined : textOf(read(entry.blob))
    const note = text === undefined ? refuse('it is too large or not UTF-8 text') : parseNote(text)
    const name = cutText(entry.path, 200)
    if (index >= MAX_NOTES) leftOut.push({ name, because: `only ${MAX_NOTES} notes are read` })
    else if (!note.ok) leftOut.push({ name, because: cutText(note.refusal, 300) })
    else if (note.value.expires !== null && note.value.expires <= at)
      leftOut.push({ name, because: `it expired on ${note.value.expires}` })
    else items.push(noteItem(entry, note.value))
  }
  return { items, leftOut: leftOut.slice(0, 400) }
}

function noteItem(entry: SizedEntry, { type, scope, confidence, expires, text }: Note): MemoryItem {
  const value = shorten(text)
  return { ...toItem(type, entry.path, { value, entry }), scope: [...scope], confidence, expires }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : fromUtf8(bytes)
}

function excerpt(entry: SizedEntry, read: Read): string {
  if (entry.size > MAX_READ_BYTES) return `[not read: ${entry.size} bytes]`
  const bytes = read(entry.blob)
  if (bytes === undefined) return '[not read]'
  const text = fromUtf8(bytes)
  if (text === undefined) return `[not UTF-8 text: ${bytes.length} bytes]`
  return shorten(text)
}

function shorten(text: string): string {
  const start = cutText(text, MAX_EXCERPT)
  return start.length === text.length ? text : `${start}\n[cut: ${text.length - start.length} more characters]`
}

function toItem(
  type: MemoryItem['type'],
  name: string,
  { value, entry }: { readonly value: string; readonly entry: Entry },
): MemoryItem {
  const source = { is: 'file', path: cutText(entry.path, 4096), blob: entry.blob } as const
  const said = { name: cutText(name, 200), value: cutText(value, 65_536) }
  return { type, ...said, scope: ['**'], confidence: 100, expires: null, source }
}
