import { Buffer } from 'node:buffer'
import { type RepositoryReader, type TreeEntry, WillNotWork } from '../../app/ports.ts'
import type { RepositoryRef } from '../../domain/effects.ts'
import { applyEdits, blobId } from '../../domain/git-objects.ts'
import { ObjectId } from '../../domain/hash.ts'
import { comparePaths, FileMode } from '../../domain/patch/edit.ts'
import type { GithubAccess, OpenRepository } from './access.ts'
import { fetchTexts } from './blob-texts.ts'
import { asked } from './failures.ts'
import { inTurn } from './in-turn.ts'
import { type Recent, recent } from './recent.ts'

const AT_ONCE = 6
/** From so many on, files are asked for together. */
const MANY = 4
const BLOB_CACHE_BYTES = 64 * 1024 * 1024
const LISTING_CACHE_ENTRIES = 200_000
const COMMITS = 10_000

/** Objects by their content address, which never changes: shared by all readers of one desk. */
export type ObjectCache = {
  readonly blobs: Recent<Uint8Array>
  readonly trees: Recent<readonly TreeEntry[]>
  /** The tree of each commit. */
  readonly roots: Recent<ObjectId>
}

export function objectCache(): ObjectCache {
  return {
    blobs: recent({ limit: BLOB_CACHE_BYTES, weight: (bytes) => bytes.length + 1 }),
    trees: recent({ limit: LISTING_CACHE_ENTRIES, weight: (entries) => entries.length + 1 }),
    roots: recent({ limit: COMMITS, weight: () => 1 }),
  }
}

/** Reads through the Git Data API. What comes back is hashed: a listing or blob that is not what its id says is refused. */
export function githubReader(access: GithubAccess, cache: ObjectCache, repository: RepositoryRef): RepositoryReader {
  const keyOf = (id: ObjectId) => `${repository.id}/${id}`
  const treeOf = async (commit: ObjectId) => {
    const known = cache.roots.get(keyOf(commit))
    if (known !== undefined) return known
    const tree = await treeOfCommit(await access.open(repository), commit)
    cache.roots.set(keyOf(commit), tree)
    return tree
  }
  const blob = async (id: ObjectId) => {
    const known = cache.blobs.get(keyOf(id))
    if (known !== undefined) return known
    const bytes = await fetchBlob(await access.open(repository), id)
    cache.blobs.set(keyOf(id), bytes)
    return bytes
  }
  return {
    treeOf,
    entries: async (commit) => {
      const tree = await treeOf(commit)
      const known = cache.trees.get(keyOf(tree))
      if (known !== undefined) return known
      const entries = await fetchListing(await access.open(repository), tree)
      cache.trees.set(keyOf(tree), entries)
      return entries
    },
    blobs: async (ids) => {
      const wanted = [...new Set(ids)]
      const unknown = wanted.filter((id) => cache.blobs.get(keyOf(id)) === undefined)
      const few: ReadonlyMap<ObjectId, Uint8Array> = new Map()
      const texts = unknown.length < MANY ? few : await fetchTexts(await access.open(repository), unknown)
      for (const [id, text] of texts) cache.blobs.set(keyOf(id), text)
      const bytes = await inTurn(wanted, AT_ONCE, async (id) => texts.get(id) ?? blob(id))
      return new Map(wanted.flatMap((id, index) => entryOf(id, bytes[index])))
    },
  }
}

function entryOf(id: ObjectId, bytes: Uint8Array | undefined): [ObjectId, Uint8Array][] {
  return bytes === undefined ? [] : [[id, bytes]]
}

async function treeOfCommit({ octokit, at }: OpenRepository, commit: ObjectId): Promise<ObjectId> {
  const route = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}'
  const { data } = await asked(`Reading commit ${commit}`, () => octokit.request(route, { ...at, commit_sha: commit }))
  return ObjectId.parse(data.tree.sha)
}

async function fetchBlob({ octokit, at }: OpenRepository, id: ObjectId): Promise<Uint8Array> {
  const route = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}'
  const { data } = await asked(`Reading blob ${id}`, () => octokit.request(route, { ...at, file_sha: id }))
  const bytes = new Uint8Array(Buffer.from(data.content, data.encoding === 'base64' ? 'base64' : 'utf8'))
  if (blobId(bytes) !== id) throw new WillNotWork(`Blob ${id} came back with other bytes than its id says`)
  return bytes
}

async function fetchListing(open: OpenRepository, tree: ObjectId): Promise<readonly TreeEntry[]> {
  const whole = await fetchTree(open, { tree, recursive: true })
  const entries = whole.truncated ? await walk(open, tree, '') : whole.files
  const sorted = [...entries].sort((a, b) => comparePaths(a.path, b.path))
  const made = applyEdits(sorted, [])
  if (!made.ok) throw new WillNotWork(`Tree ${tree} cannot be read: ${made.refusal.path}: ${made.refusal.because}`)
  if (made.value.treeId !== tree) {
    throw new WillNotWork(`Tree ${tree} cannot be read whole: it may hold a path that is not UTF-8, or an empty folder`)
  }
  return sorted
}

/** Level by level, for repositories whose whole listing GitHub cuts off. */
async function walk(open: OpenRepository, tree: ObjectId, prefix: string): Promise<readonly TreeEntry[]> {
  const level = await fetchTree(open, { tree, recursive: false })
  if (level.truncated) throw new WillNotWork(`The folder ${prefix} has more entries than GitHub lists`)
  const below = await inTurn(level.folders, 2, (folder) => walk(open, folder.id, `${prefix}${folder.path}/`))
  return [...level.files.map((file) => ({ ...file, path: `${prefix}${file.path}` })), ...below.flat()]
}

type Level = {
  readonly truncated: boolean
  readonly files: readonly TreeEntry[]
  readonly folders: readonly { readonly path: string; readonly id: ObjectId }[]
}

type Wanted = { readonly tree: ObjectId; readonly recursive: boolean }

async function fetchTree({ octokit, at }: OpenRepository, { tree, recursive }: Wanted): Promise<Level> {
  const route = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}'
  const options = { ...at, tree_sha: tree, ...(recursive ? { recursive: '1' } : {}) }
  const { data } = await asked(`Reading tree ${tree}`, () => octokit.request(route, options))
  return {
    truncated: data.truncated,
    files: data.tree.filter((item) => item.type !== 'tree').map(toEntry),
    folders: data.tree
      .filter((item) => item.type === 'tree')
      .map((item) => ({ path: item.path, id: ObjectId.parse(item.sha) })),
  }
}

type Listed = { readonly path: string; readonly mode: string; readonly sha: string; readonly size?: number }

function toEntry({ path, mode, sha, size }: Listed): TreeEntry {
  const known = FileMode.safeParse(mode)
  if (!known.success) throw new WillNotWork(`${path} has mode ${mode}, which AgentOS does not handle`)
  return { path, mode: known.data, blob: ObjectId.parse(sha), size: size ?? 0 }
}
