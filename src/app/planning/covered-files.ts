import { matchesAny } from '../../domain/control/glob.ts'
import type { FileMode } from '../../domain/patch/edit.ts'
import type { Scene } from './scene.ts'
import type { Written } from './sketch.ts'

/** A file as it stands in the middle of a plan; `bytes` are there where the plan itself wrote them. */
export type Covered = {
  readonly path: string
  readonly mode: FileMode
  readonly blob: string
  readonly size: number
  readonly bytes: Uint8Array | null
}

type Tree = { readonly scene: Pick<Scene, 'entries'>; readonly written: ReadonlyMap<string, Written> }

/** The files that patterns cover, over what was written so far. A pattern without a wildcard names one file exactly. */
export function coveredFiles(globs: readonly string[], { scene, written }: Tree): readonly Covered[] {
  const exact = new Set(globs.filter((glob) => !/[*?]/.test(glob)))
  const wild = globs.filter((glob) => /[*?]/.test(glob))
  const isCovered = (path: string) => exact.has(path) || matchesAny(wild, path)
  const untouched = [...scene.entries.values()].filter(({ path }) => !written.has(path) && isCovered(path))
  const own = [...written].flatMap(([path, file]): readonly Covered[] =>
    file === null || !isCovered(path)
      ? []
      : [{ path, ...file.state, size: file.bytes?.length ?? 0, bytes: file.bytes }],
  )
  return [...untouched.map((entry) => ({ ...entry, bytes: null })), ...own].sort((a, b) => (a.path < b.path ? -1 : 1))
}

export function isFile({ mode }: Pick<Covered, 'mode'>): boolean {
  return mode === '100644' || mode === '100755'
}

const BATCH_BYTES = 16 * 1024 * 1024

/** Reads files batch by batch, so that a large repository is never in memory as a whole. */
export async function* withBytes(
  { reader }: Pick<Scene, 'reader'>,
  files: readonly Covered[],
): AsyncGenerator<readonly [Covered, Uint8Array]> {
  for (const batch of batchesOf(files)) {
    const blobs = await reader.blobs([...new Set(batch.filter(({ bytes }) => bytes === null).map(({ blob }) => blob))])
    for (const file of batch) {
      const bytes = file.bytes ?? blobs.get(file.blob)
      if (bytes === undefined) throw new Error(`the reader left out blob ${file.blob}`)
      yield [file, bytes]
    }
  }
}

function* batchesOf(files: readonly Covered[]): Generator<readonly Covered[]> {
  let batch: Covered[] = []
  let bytes = 0
  for (const file of files) {
    if (batch.length > 0 && bytes + file.size > BATCH_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(file)
    bytes += file.size
  }
  if (batch.length > 0) yield batch
}
