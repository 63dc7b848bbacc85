import type { MemoryIndex, MemoryQuery, MemoryRow } from '../../app/memory-index.ts'
import { wordsIn } from '../../domain/memory/words.ts'
import type { Store } from './memory-store.ts'

/** What runs left on record, searched word by word; names count double, and one that is nearly the same counts as well. */
export function memoryMemory(store: Store): MemoryIndex {
  const kept = store.memory
  let covered = 0
  return {
    reached: async () => covered,
    async keep(rows, reached) {
      for (const row of rows) {
        const key = `${row.stream}/${row.seq}/${row.ordinal}`
        const isThere = row.words === null || store.blobs.has(row.words)
        if (isThere && !kept.has(key)) kept.set(key, row)
      }
      covered = Math.max(covered, reached)
    },
    search: async (query) => search([...kept.values()], query),
    async clear() {
      kept.clear()
      covered = 0
    },
  }
}

const ALIKE = 0.5

function search(rows: readonly MemoryRow[], { installation, repository, text, limit }: MemoryQuery): MemoryRow[] {
  const asked = new Set(wordsIn(text))
  const scored = rows
    .filter((row) => row.installation === installation && row.repository === repository)
    .map((row) => ({ row, score: scoreOf(row, asked, text) }))
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || compare(b.row.at, a.row.at) || byPlace(a.row, b.row))
    .slice(0, limit)
    .map(({ row }) => row)
}

function scoreOf(row: MemoryRow, asked: ReadonlySet<string>, text: string): number {
  const shared = (said: string) => new Set(wordsIn(said).filter((word) => asked.has(word))).size
  const likeness = alike(row.name, text)
  return 2 * shared(row.name) + shared(`${row.text}\n${row.scope.join('\n')}`) + (likeness >= ALIKE ? likeness : 0)
}

/** The share of a name's trigrams that stand in a text. */
function alike(name: string, text: string): number {
  const [mine, others] = [trigramsOf(name), trigramsOf(text)]
  const shared = [...mine].filter((one) => others.has(one)).length
  return mine.size === 0 ? 0 : shared / Math.min(mine.size, Math.max(1, others.size))
}

function trigramsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(
    words.flatMap((word) => Array.from({ length: word.length + 1 }, (_, i) => `  ${word} `.slice(i, i + 3))),
  )
}

function byPlace(a: MemoryRow, b: MemoryRow): number {
  return compare(a.stream, b.stream) || a.seq - b.seq || a.ordinal - b.ordinal
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
