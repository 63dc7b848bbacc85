import type { ChosenExcerpt, MappedFile, MemoryPack } from '../packs/memory-pack.ts'
import { type Analysis, analyseFile } from './analyse-file.ts'
import { chooseExcerpts } from './choose-excerpts.ts'
import type { Listed } from './choose-files.ts'
import { type RankedFile, rankFiles } from './rank-files.ts'
import type { Definition } from './symbols.ts'
import { toTokens } from './tokens.ts'
import { wordsIn } from './words.ts'

/** What a map is made of: every file of the base, the texts that were read, and the text that says what is wanted. */
export type Mapping = {
  readonly entries: readonly Listed[]
  readonly text: string
  readonly budget: number
  readonly read: ReadonlyMap<string, string>
}

/** A quarter of the budget is for the map, so that much is seen; the rest for excerpts, so that some is seen well. */
const MAP_SHARE = 4

/**
 * The part of a repository that a text needs, within a budget of tokens: a map of the highest ranked files with names that
 * they define, and excerpts of the first of them.
 */
export function mapFiles({ entries, text, budget, read }: Mapping): MemoryPack['map'] {
  const analyses = new Map([...read].map(([path, content]) => [path, analyseFile(path, content)]))
  const paths = entries.map(({ path }) => path)
  const ranked = rankFiles({ text, paths, analysis: (path) => analyses.get(path) })
  const blobs = new Map(entries.map(({ path, blob }) => [path, blob]))
  const mapBudget = Math.floor(budget / MAP_SHARE)
  const map = mapOf(ranked, { blobs, analyses, wanted: new Set(wordsIn(text)), budget: mapBudget })
  const chosen = chooseExcerpts({ text, ranked, read: (path) => read.get(path), budget: budget - mapBudget })
  const excerpts: ChosenExcerpt[] = chosen.flatMap(({ path, lines, tokens }) => {
    const blob = blobs.get(path)
    return blob === undefined ? [] : [{ path, blob, lines: [...lines], tokens }]
  })
  const tokens = map.tokens + excerpts.reduce((sum, one) => sum + one.tokens, 0)
  return { budget, tokens, read: read.size, files: map.files, excerpts }
}

type Sources = {
  readonly blobs: ReadonlyMap<string, string>
  readonly analyses: ReadonlyMap<string, Analysis>
  readonly wanted: ReadonlySet<string>
  readonly budget: number
}

const MOST_FILES = 300
const MOST_SYMBOLS = 12
const LONGEST_PATH = 4096

function mapOf(ranked: readonly RankedFile[], { blobs, analyses, wanted, budget }: Sources) {
  const files: MappedFile[] = []
  let tokens = 0
  for (const { path, score } of ranked) {
    const blob = blobs.get(path)
    if (score <= 0 || files.length === MOST_FILES) break
    if (blob === undefined || path.length > LONGEST_PATH) continue
    const symbols = chosenSymbols(analyses.get(path)?.definitions ?? [], wanted)
    const cost = toTokens(path) + symbols.reduce((sum, { name }) => sum + toTokens(name) + 1, 0)
    if (tokens + cost > budget) break
    files.push({ path, blob, score, symbols })
    tokens += cost
  }
  return { files, tokens }
}

/** The names that share words with what is wanted, then the first ones; in the order of their lines. */
function chosenSymbols(definitions: readonly Definition[], wanted: ReadonlySet<string>): MappedFile['symbols'] {
  const first = new Map(definitions.toReversed().map((one) => [one.name, one]))
  const scored = [...first.values()].map((one) => ({
    one,
    score: wordsIn(one.name).filter((word) => wanted.has(word)).length,
  }))
  return scored
    .sort((a, b) => b.score - a.score || a.one.line - b.one.line)
    .slice(0, MOST_SYMBOLS)
    .map(({ one: { name, line } }) => ({ name, line }))
    .sort((a, b) => a.line - b.line)
}
