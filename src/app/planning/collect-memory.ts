import type { EffectBody, RepositoryRef } from '../../domain/effects.ts'
import type { RunId } from '../../domain/ids.ts'
import { type Documents, readDocument, toQuoting } from '../../domain/packs/documents.ts'
import { Intent } from '../../domain/packs/intent.ts'
import { filesForMemory, MEMORY_TOKENS, type Need, textOfIntent, toMemoryPack } from '../../domain/packs/memory.ts'
import { type MemoryItem, MemoryPack } from '../../domain/packs/memory-pack.ts'
import type { Performer, RepositoryReader } from '../ports.ts'

/** What earlier runs of one repository left on record that has to do with a text, the nearest first. */
export type Recall = (
  repository: RepositoryRef,
  about: { readonly text: string; readonly run: RunId | null },
) => Promise<readonly MemoryItem[]>

/** What the memory performer reads: the repository, and what earlier runs left on record. */
export type MemorySources = {
  readonly readerFor: (repository: RepositoryRef) => RepositoryReader
  readonly recall: Recall
}

/** Builds the MemoryPack of a base commit for one Intent. What was found is the record: nothing is searched for on replay. */
export function memoryPerformer({ readerFor, recall }: MemorySources): Performer<'collect-memory'> {
  return async ({ repository, run, body, documents, secret }) => {
    const need = needOf(body, documents)
    const earlier = await recall(repository, { text: need.text, run })
    const pack = await collectMemory(readerFor(repository), body.base, { need, earlier })
    const document = toQuoting(pack, secret())
    return { result: { tree: pack.base.tree, pack: document.sha256 }, blobs: [document] }
  }
}

function needOf({ intent, at }: EffectBody<'collect-memory'>, documents: Documents): Need {
  return { text: textOfIntent(readDocument(documents, intent, Intent)), intent, at, budget: MEMORY_TOKENS }
}

export type Collecting = { readonly need: Need; readonly earlier: readonly MemoryItem[] }

/** Reads the files that the pack needs, all of them at once, and builds it. */
export async function collectMemory(
  reader: RepositoryReader,
  base: string,
  { need, earlier }: Collecting,
): Promise<MemoryPack> {
  const entries = await reader.entries(base)
  const [tree, blobs] = await Promise.all([
    reader.treeOf(base),
    reader.blobs([...new Set(filesForMemory(entries, need.text).map((entry) => entry.blob))]),
  ])
  return MemoryPack.parse(toMemoryPack({ sha: base, tree, entries, read: (blob) => blobs.get(blob) }, need, earlier))
}
