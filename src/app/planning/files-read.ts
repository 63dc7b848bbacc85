import type { ObjectId } from '../../domain/hash.ts'
import { type BaseFile, pathsRead, submoduleText } from '../../domain/patch/apply-patch.ts'
import { toUtf8 } from '../../domain/patch/bytes.ts'
import type { FileState } from '../../domain/patch/edit.ts'
import type { FilePatch } from '../../domain/patch/file-patch.ts'
import type { RepositoryReader } from '../ports.ts'

/** What a patch is read against: the entries of its base by path, and their bytes. */
export type PatchBase = {
  readonly entries: ReadonlyMap<string, FileState>
  readonly reader: Pick<RepositoryReader, 'blobs'>
}

/** The base files that a patch looks at, as `applyPatch` wants them. */
export async function filesRead(
  { entries, reader }: PatchBase,
  patches: readonly FilePatch[],
): Promise<ReadonlyMap<string, BaseFile>> {
  const read = pathsRead(patches).flatMap((path) => {
    const entry = entries.get(path)
    return entry === undefined ? [] : [{ path, mode: entry.mode, blob: entry.blob }]
  })
  const ids = read.filter(({ mode }) => mode !== '160000').map(({ blob }) => blob)
  const blobs = await reader.blobs([...new Set<ObjectId>(ids)])
  return new Map(
    read.map(({ path, mode, blob }) => {
      const bytes = mode === '160000' ? toUtf8(submoduleText(blob)) : blobs.get(blob)
      if (bytes === undefined) throw new Error(`the reader left out blob ${blob}`)
      return [path, { mode, bytes }]
    }),
  )
}
