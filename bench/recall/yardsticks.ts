import { isBinary } from '../../src/domain/packs/byte-search.ts'
import type { Change, Entry, History } from './history.ts'

export type Scored = readonly { readonly path: string; readonly score: number }[]

/** What `git grep` finds of the message's words: files by how many different words they hold, then by how many lines. */
export function grepRanking(history: History, { parent, message }: Change): Scored {
  const words = new Set((message.toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) ?? []).slice(0, 40))
  const found = new Map<string, { words: number; lines: number }>()
  for (const word of words) {
    for (const [path, lines] of history.grep(parent, word)) {
      const before = found.get(path) ?? { words: 0, lines: 0 }
      found.set(path, { words: before.words + 1, lines: before.lines + lines })
    }
  }
  return byScore([...found].map(([path, { words, lines }]) => ({ path, score: words * 1_000_000 + lines })))
}

type Counted = { readonly counts: ReadonlyMap<string, number>; readonly length: number }

/** BM25 (k1 1.2, b 0.75) over the contents of every text file, with no bound on what is read. */
export function bm25(history: History) {
  const known = new Map<string, Counted | null>()
  return (entries: readonly Entry[], { message }: Change): Scored => {
    const absent = entries.filter(
      ({ blob, size, mode }) => !known.has(blob) && size < 1_000_000 && mode.startsWith('100'),
    )
    if (absent.length > 0)
      for (const [id, bytes] of history.blobs([...new Set(absent.map(({ blob }) => blob))]))
        known.set(id, isBinary(bytes) ? null : count(bytes.toString()))
    const documents = entries.flatMap(({ path, blob }) => {
      const counted = known.get(blob)
      return counted === undefined || counted === null ? [] : [{ path, ...counted }]
    })
    const mean = documents.reduce((sum, { length }) => sum + length, 0) / Math.max(1, documents.length)
    const terms = [...new Set(plainWords(message))].map((word) => {
      const holding = documents.filter(({ counts }) => counts.has(word)).length
      return { word, rarity: Math.log(1 + (documents.length - holding + 0.5) / (holding + 0.5)) }
    })
    return byScore(
      documents.map(({ path, counts, length }) => ({
        path,
        score: terms.reduce((sum, { word, rarity }) => {
          const times = counts.get(word) ?? 0
          return sum + (rarity * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * length) / mean))
        }, 0),
      })),
    )
  }
}

function count(text: string): Counted {
  const counts = new Map<string, number>()
  const words = plainWords(text)
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return { counts, length: words.length }
}

function plainWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}

function byScore(scored: Scored): Scored {
  return scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
}
