import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TreeEntry } from '../../app/ports.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { judgeWrittenPath } from '../../domain/patch/judge-path.ts'
import { GitFailed } from './git-process.ts'

/** A tree whose files may be written where a program can see them. */
export type ExportedTree = {
  readonly entries: readonly TreeEntry[]
  readonly blobs: (ids: readonly ObjectId[]) => Promise<ReadonlyMap<ObjectId, Uint8Array>>
}

/**
 * Writes the files of a tree into an empty folder: the bytes of the blobs and nothing else, no `.git`, no filter, no
 * attribute. A submodule becomes an empty folder. Links come last, so that nothing is written through one.
 */
export async function exportTree({ entries, blobs }: ExportedTree, to: string): Promise<void> {
  const fault = entries.flatMap(({ path }) => judgeWrittenPath(path))[0]
  if (fault !== undefined) throw new GitFailed(`the tree cannot be written to disk: ${fault.because}`)
  await mkdir(to, { recursive: true })
  if ((await readdir(to)).length > 0) throw new GitFailed('a tree is only written into an empty folder')
  for (const folder of foldersOf(entries)) await mkdir(join(to, folder))
  const files = entries.filter(({ mode }) => mode.startsWith('100'))
  const links = entries.filter(({ mode }) => mode === '120000')
  for (const batch of batchesOf([...files, ...links])) {
    const bytes = await blobs(batch.map(({ blob }) => blob))
    for (const entry of batch) await writeEntry(join(to, entry.path), entry, bytes.get(entry.blob))
  }
}

/** Every folder once, the outer before the inner. */
function foldersOf(entries: readonly TreeEntry[]): readonly string[] {
  const folders = new Set<string>()
  for (const { path, mode } of entries) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      folders.add(path.slice(0, slash))
    }
    if (mode === '160000') folders.add(path)
  }
  return [...folders]
}

const BATCH_BYTES = 64 * 1024 * 1024

function* batchesOf(entries: readonly TreeEntry[]): Generator<readonly TreeEntry[]> {
  let [batch, size]: [TreeEntry[], number] = [[], 0]
  for (const entry of entries) {
    if (size + entry.size > BATCH_BYTES && batch.length > 0) {
      yield batch
      ;[batch, size] = [[], 0]
    }
    batch.push(entry)
    size += entry.size
  }
  yield batch
}

async function writeEntry(file: string, { mode, blob }: TreeEntry, bytes: Uint8Array | undefined): Promise<void> {
  if (bytes === undefined) throw new GitFailed(`blob ${blob} was not read`)
  if (mode === '120000') return symlink(Buffer.from(bytes), file)
  await writeFile(file, bytes, { flag: 'wx' })
  return chmod(file, mode === '100755' ? 0o755 : 0o644)
}
