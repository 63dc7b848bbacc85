import { isBinary } from '../../domain/packs/byte-search.ts'
import { byScore, contentScore, namesIn, pathScore } from '../../domain/packs/rank-files.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import type { TreeEntry } from '../ports.ts'
import type { Scene } from './scene.ts'

const MAX_READ_FILES = 300
const MAX_READ_BYTES = 4_000_000
const MAX_FILE_BYTES = 48_000
const MAX_SHOWN_BYTES = 120_000

export type ShownFile = { readonly path: string; readonly content: string }

/** The files that have most to do with a text, by their paths alone: as many as may be read at once. */
export function likelyByPath(entries: readonly TreeEntry[], text: string): readonly TreeEntry[] {
  const names = namesIn(text)
  const chosen: TreeEntry[] = []
  let bytes = 0
  for (const entry of byScore(entries, ({ path }) => pathScore(path, names)).slice(0, MAX_READ_FILES)) {
    bytes += entry.size
    if (bytes > MAX_READ_BYTES) break
    chosen.push(entry)
  }
  return chosen
}

/** What a model is shown of the repository before it looks around: every path in order of likelihood, and whole files. */
export async function likelyFiles(
  scene: Scene,
  text: string,
): Promise<{ readonly paths: readonly string[]; readonly files: readonly ShownFile[] }> {
  const names = namesIn(text)
  const all = [...scene.entries.values()].filter(isText)
  const blobs = await scene.reader.blobs([...new Set(likelyByPath(all, text).map(({ blob }) => blob))])
  const ranked = byScore(all, ({ path, blob }) => {
    const bytes = blobs.get(blob)
    return pathScore(path, names) + (bytes === undefined ? 0 : contentScore(bytes, names))
  })
  return { paths: ranked.map(({ path }) => path), files: shown(ranked, blobs) }
}

function isText({ mode, size }: TreeEntry): boolean {
  return (mode === '100644' || mode === '100755') && size <= MAX_FILE_BYTES
}

function shown(
  files: readonly { readonly path: string; readonly blob: string }[],
  blobs: ReadonlyMap<string, Uint8Array>,
): readonly ShownFile[] {
  const chosen: ShownFile[] = []
  let left = MAX_SHOWN_BYTES
  for (const { path, blob } of files) {
    const bytes = blobs.get(blob)
    const content = bytes === undefined || bytes.length > left || isBinary(bytes) ? undefined : fromUtf8(bytes)
    if (bytes === undefined || content === undefined) continue
    chosen.push({ path, content })
    left -= bytes.length
  }
  return chosen
}
