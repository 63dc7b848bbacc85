import { isBinary } from '../../domain/packs/byte-search.ts'
import type { MemoryItem } from '../../domain/packs/memory-pack.ts'
import { byScore, contentScore, namesIn, pathScore } from '../../domain/packs/rank-files.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import type { TreeEntry } from '../ports.ts'
import type { Scene } from './scene.ts'

const MAX_SEARCHED_FILES = 300
const MAX_SEARCHED_BYTES = 4_000_000
const MAX_FILE_BYTES = 48_000
const MAX_SHOWN_BYTES = 120_000
const MAX_NOTES_CHARACTERS = 30_000
const MAX_PATHS = 1500

/** The one JSON text that a model plans from: the Intent, what is known, and the files that have most to do with both. */
export async function modelMaterial(scene: Scene): Promise<string> {
  const { intent, memory, answers } = scene
  const names = namesIn([intent.goal, ...intent.scope, ...answers.values()].join('\n'))
  const byPath = byScore([...scene.entries.values()].filter(isText), ({ path }) => pathScore(path, names))
  const blobs = await readSome(scene, byPath)
  const files = byScore(byPath, ({ path, blob }) => {
    const bytes = blobs.get(blob)
    return pathScore(path, names) + (bytes === undefined ? 0 : contentScore(bytes, names))
  })
  return JSON.stringify({
    request: {
      goal: intent.goal,
      scope: intent.scope,
      constraints: intent.constraints,
      criteria: intent.criteria,
      answers: [...answers].map(([topic, answer]) => ({ topic, answer })),
    },
    repository: {
      fileCount: memory.base.files,
      packageManager: memory.packageManager,
      scripts: memory.scripts,
      makeTargets: memory.makeTargets,
      testCommand: memory.testCommand,
      paths: files.slice(0, MAX_PATHS).map(({ path }) => path),
    },
    notes: notesOf(memory.items),
    files: shown(files, blobs),
  })
}

function isText({ mode, size }: TreeEntry): boolean {
  return (mode === '100644' || mode === '100755') && size <= MAX_FILE_BYTES
}

async function readSome(
  scene: Scene,
  ranked: readonly { readonly blob: string; readonly size: number }[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const ids = new Set<string>()
  let bytes = 0
  for (const { blob, size } of ranked.slice(0, MAX_SEARCHED_FILES)) {
    if (bytes + size > MAX_SEARCHED_BYTES) break
    ids.add(blob)
    bytes += size
  }
  return scene.reader.blobs([...ids])
}

function shown(
  files: readonly { readonly path: string; readonly blob: string }[],
  blobs: ReadonlyMap<string, Uint8Array>,
): readonly { readonly path: string; readonly content: string }[] {
  const chosen: { readonly path: string; readonly content: string }[] = []
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

function notesOf(items: readonly MemoryItem[]): readonly Pick<MemoryItem, 'type' | 'name' | 'value'>[] {
  const notes: Pick<MemoryItem, 'type' | 'name' | 'value'>[] = []
  let left = MAX_NOTES_CHARACTERS
  for (const { type, name, value } of items) {
    if (type === 'fact' || value.length > left) continue
    notes.push({ type, name, value })
    left -= value.length
  }
  return notes
}
