import { fromUtf8 } from '../patch/bytes.ts'
import { comparePaths } from '../patch/edit.ts'
import { isBinary } from './byte-search.ts'
import type { SizedEntry } from './memory.ts'

/** What a goal names: words of people, and names as code writes them. */
export type Names = { readonly text: string; readonly words: ReadonlySet<string>; readonly symbols: readonly string[] }

const MAX_SYMBOLS = 50

export function namesIn(goal: string): Names {
  const text = goal.toLowerCase()
  const words = new Set(text.match(/[\p{L}\p{N}]{3,}/gu) ?? [])
  const symbols = goal.match(/[A-Za-z_$][\w$]*(?:[.:_-]+[\w$]+)+|[a-z]+[A-Z]\w*|`[^`\n]{2,80}`/g) ?? []
  return {
    text,
    words,
    symbols: [...new Set(symbols.map((symbol) => symbol.replaceAll('`', '')))].slice(0, MAX_SYMBOLS),
  }
}

/** How much a path has to do with what is named: the whole path counts most, then its file name, then its words. */
export function pathScore(path: string, { text, words }: Names): number {
  const folded = path.toLowerCase()
  const name = folded.slice(folded.lastIndexOf('/') + 1)
  if (text.includes(folded)) return 100
  if (name.includes('.') && text.includes(name)) return 50
  const own = new Set(folded.match(/[\p{L}\p{N}]{3,}/gu) ?? [])
  return 5 * [...own].filter((word) => words.has(word)).length
}

/** How much a content has to do with it: each symbol of the goal that it holds. */
export function contentScore(bytes: Uint8Array, { symbols }: Names): number {
  const text = isBinary(bytes) ? undefined : fromUtf8(bytes)
  return text === undefined ? 0 : 20 * symbols.filter((symbol) => text.includes(symbol)).length
}

/** Files by score, the highest first; equal ones in the order of their paths. */
export function byScore(files: readonly SizedEntry[], scoreOf: (file: SizedEntry) => number): readonly SizedEntry[] {
  const scored = files.map((file) => ({ file, score: scoreOf(file) }))
  return scored.sort((a, b) => b.score - a.score || comparePaths(a.file.path, b.file.path)).map(({ file }) => file)
}
