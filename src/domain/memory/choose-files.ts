import { comparePaths } from '../patch/edit.ts'
import { kindOf } from './file-kind.ts'
import { languageOf } from './languages.ts'
import { rankFiles } from './rank-files.ts'

/** One file of the base as its listing tells it. */
export type Listed = { readonly path: string; readonly mode: string; readonly blob: string; readonly size: number }

const MOST_FILES = 400
const MOST_BYTES = 3_000_000
const LARGEST = 120_000

/**
 * The files whose content is read to rank them, chosen by their paths alone: a bounded number, so that a large repository
 * over an API costs no more calls than a small one.
 */
export function filesToRead(entries: readonly Listed[], text: string): readonly Listed[] {
  const known = new Map(entries.filter(isReadable).map((entry) => [entry.path, entry]))
  const ranked = rankFiles({ text, paths: [...known.keys()], analysis: () => undefined })
  const order = ranked.toSorted((a, b) => b.score - a.score || byPlace(a.path, b.path))
  const chosen: Listed[] = []
  let bytes = 0
  for (const { path } of order) {
    const entry = known.get(path)
    if (entry === undefined || bytes + entry.size > MOST_BYTES) continue
    chosen.push(entry)
    bytes += entry.size
    if (chosen.length === MOST_FILES) break
  }
  return chosen
}

function isReadable({ path, mode, size }: Listed): boolean {
  return (
    (mode === '100644' || mode === '100755') &&
    size > 0 &&
    size <= LARGEST &&
    languageOf(path) !== null &&
    kindOf(path) !== 'made' &&
    kindOf(path) !== 'lock'
  )
}

const PLACE = {
  source: 0,
  test: 1,
  changelog: 1,
  dependencies: 1,
  docs: 2,
  settings: 2,
  other: 3,
  made: 4,
  lock: 4,
} as const

/** Where paths tell nothing: source first, and what stands near the root. */
function byPlace(a: string, b: string): number {
  return PLACE[kindOf(a)] - PLACE[kindOf(b)] || depthOf(a) - depthOf(b) || comparePaths(a, b)
}

function depthOf(path: string): number {
  return path.split('/').length
}
