import type { RepositoryRef } from '../../domain/effects.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { toDocument } from '../../domain/packs/documents.ts'
import { filesForMemory, toMemoryPack } from '../../domain/packs/memory.ts'
import { type MemoryItem, MemoryPack } from '../../domain/packs/memory-pack.ts'
import type { Performer, RepositoryReader } from '../ports.ts'

type Collected = { readonly tree: ObjectId; readonly pack: MemoryPack }

/** Builds the MemoryPack of a base commit from its files and from what earlier runs left on record. */
async function collectMemory(
  reader: RepositoryReader,
  base: ObjectId,
  earlierRuns: readonly MemoryItem[],
): Promise<Collected> {
  const [tree, entries] = await Promise.all([reader.treeOf(base), reader.entries(base)])
  const blobs = await reader.blobs([...new Set(filesForMemory(entries).map((entry) => entry.blob))])
  const pack = toMemoryPack({ sha: base, tree, entries, read: (blob) => blobs.get(blob) }, earlierRuns)
  return { tree, pack: MemoryPack.parse(pack) }
}

/** What the memory performer reads: the repository, and the outcomes of its earlier runs, newest first. */
export type MemorySources = {
  readonly readerFor: (repository: RepositoryRef) => RepositoryReader
  readonly earlierRunsFor: (repository: RepositoryRef) => Promise<readonly MemoryItem[]>
}

export function memoryPerformer({ readerFor, earlierRunsFor }: MemorySources): Performer<'collect-memory'> {
  return async ({ repository, body }) => {
    const earlierRuns = await earlierRunsFor(repository)
    const { tree, pack } = await collectMemory(readerFor(repository), body.base, earlierRuns)
    const document = toDocument(pack)
    return { result: { tree, pack: document.sha256 }, blobs: [document] }
  }
}
