import { rankFiles } from '../../domain/memory/rank-files.ts'
import { isBinary } from '../../domain/packs/byte-search.ts'
import { cutText } from '../../domain/packs/cut-text.ts'
import { nearPaths } from '../../domain/packs/near-paths.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import type { TreeEntry } from '../ports.ts'
import type { Look } from './model-reply.ts'
import type { Scene } from './scene.ts'

/** What a look brought, for a model to read. Everything in it is data from the base commit. */
export type Found = { readonly look: Look } & (
  | { readonly entries: readonly string[]; readonly more: number }
  | { readonly lines: string; readonly nextLine: number | null }
  | { readonly matches: readonly string[]; readonly more: boolean; readonly filesSearched: string }
  | { readonly nothing: string }
)

const MAX_ENTRIES = 400
const MAX_READ_CHARACTERS = 24_000
const MAX_FILE_BYTES = 1_000_000
const MAX_FOUND_CHARACTERS = 60_000
const MAX_SEARCHED_FILE_BYTES = 256_000
const MAX_SEARCHED_FILES = 2000
const MAX_SEARCHED_BYTES = 8_000_000
const MAX_SEARCH_TEXT = 200
const MAX_MATCHES = 60
const MAX_LINE_CHARACTERS = 200

/** Answers looks from the base commit's tree: no link is followed, and there is no other file. */
export async function lookAround(scene: Scene, looks: readonly Look[]): Promise<readonly Found[]> {
  const found: Found[] = []
  let left = MAX_FOUND_CHARACTERS
  for (const look of looks) {
    const one =
      left > 0 ? await lookAt(scene, look) : { look, nothing: 'this was too much at once; ask again for less' }
    found.push(one)
    left -= JSON.stringify(one).length
  }
  return found
}

function lookAt(scene: Scene, look: Look): Promise<Found> {
  switch (look.tool) {
    case 'list':
      return Promise.resolve(list(scene, look))
    case 'read':
      return read(scene, look)
    case 'search':
      return search(scene, look)
  }
}

type Of<T extends Look['tool']> = Extract<Look, { tool: T }>

function list(scene: Scene, look: Of<'list'>): Found {
  const folder = folderOf(look.path)
  const names = new Set<string>()
  for (const path of scene.entries.keys()) {
    if (!path.startsWith(folder)) continue
    const [name = '', ...below] = path.slice(folder.length).split('/')
    names.add(below.length === 0 ? name : `${name}/`)
  }
  if (names.size === 0) return nothing(scene, look, look.path)
  const entries = [...names].sort().slice(0, MAX_ENTRIES)
  return { look, entries, more: names.size - entries.length }
}

async function read(scene: Scene, look: Of<'read'>): Promise<Found> {
  const entry = scene.entries.get(look.path)
  if (entry === undefined) return nothing(scene, look, look.path)
  if (!isFile(entry)) return { look, nothing: 'it is a link or submodule, which is not followed' }
  if (entry.size > MAX_FILE_BYTES) return { look, nothing: `it has ${entry.size} bytes, which is too much to read` }
  const text = textOf((await scene.reader.blobs([entry.blob])).get(entry.blob))
  if (text === undefined) return { look, nothing: 'it is no text' }
  const all = text.split('\n')
  const lines: string[] = []
  let size = 0
  for (const line of all.slice(look.line - 1)) {
    size += line.length + 1
    if (size > MAX_READ_CHARACTERS && lines.length > 0) break
    lines.push(cutText(line, MAX_READ_CHARACTERS))
  }
  if (lines.length === 0) return { look, nothing: `it has ${all.length} lines` }
  const next = look.line + lines.length
  return { look, lines: lines.join('\n'), nextLine: next > all.length ? null : next }
}

async function search(scene: Scene, look: Of<'search'>): Promise<Found> {
  if (look.text.trim().length < 2 || look.text.length > MAX_SEARCH_TEXT)
    return { look, nothing: `a text to search for has two to ${MAX_SEARCH_TEXT} characters` }
  const under = folderOf(look.under)
  const all = [...scene.entries.values()].filter((entry) => isFile(entry) && isUnder(entry.path, under))
  if (all.length === 0) return nothing(scene, look, look.under)
  const small = all.filter(({ size }) => size <= MAX_SEARCHED_FILE_BYTES)
  const chosen = likeliest(small, `${look.text}\n${scene.intent.goal}`)
  const blobs = await scene.reader.blobs([...new Set(chosen.map(({ blob }) => blob))])
  const matches = chosen.flatMap(({ path, blob }) => matchesIn(path, textOf(blobs.get(blob)) ?? '', look.text))
  return {
    look,
    matches: matches.slice(0, MAX_MATCHES),
    more: matches.length > MAX_MATCHES,
    filesSearched: `${chosen.length} of ${all.length}`,
  }
}

/** The likeliest files by their paths, as many as one search may read. */
function likeliest(entries: readonly TreeEntry[], text: string): readonly TreeEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const chosen: TreeEntry[] = []
  let bytes = 0
  for (const { path } of rankFiles({ text, paths: [...byPath.keys()], analysis: () => undefined })) {
    const entry = byPath.get(path)
    if (entry === undefined || bytes + entry.size > MAX_SEARCHED_BYTES) continue
    chosen.push(entry)
    bytes += entry.size
    if (chosen.length === MAX_SEARCHED_FILES) break
  }
  return chosen
}

function matchesIn(path: string, text: string, wanted: string): readonly string[] {
  if (!text.includes(wanted)) return []
  return text.split('\n').flatMap((line, index) => {
    return line.includes(wanted) ? [`${path}:${index + 1}: ${cutText(line.trim(), MAX_LINE_CHARACTERS)}`] : []
  })
}

function nothing({ entries }: Scene, look: Look, path: string): Found {
  const near = nearPaths(path, entries.keys())
  const hint = near.length === 0 ? '' : `; there is ${near.join(', ')}`
  return { look, nothing: `the base commit has nothing at this path${hint}` }
}

function folderOf(path: string): string {
  const plain = path.replace(/^(?:\.?\/)+|\/+$/g, '')
  return plain === '' || plain === '.' ? '' : `${plain}/`
}

function isUnder(path: string, folder: string): boolean {
  return path.startsWith(folder) || `${path}/` === folder
}

function isFile({ mode }: TreeEntry): boolean {
  return mode === '100644' || mode === '100755'
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined || isBinary(bytes) ? undefined : fromUtf8(bytes)
}
