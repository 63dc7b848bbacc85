import { type Excerpt, excerptOf } from './excerpts.ts'
import type { RankedFile } from './rank-files.ts'
import { toTokens } from './tokens.ts'
import { wordsIn } from './words.ts'

export type ChosenFile = { readonly path: string } & Excerpt

/** What is chosen from: files in their order of rank, and the texts that were read. */
export type Choosing = {
  readonly text: string
  readonly ranked: readonly RankedFile[]
  readonly read: (path: string) => string | undefined
  readonly budget: number
}

/** The first files may say most; those behind them show that they are there. */
const ROOM = [
  { files: 4, tokens: 2400 },
  { files: 8, tokens: 900 },
] as const
const ROOM_BEHIND = 300
const MOST_FILES = 60
const LEAST = 40

/** Excerpts of the highest ranked files that cost no more than the budget together, paths included. */
export function chooseExcerpts({ text, ranked, read, budget }: Choosing): readonly ChosenFile[] {
  const wanted = new Set(wordsIn(text))
  const chosen: ChosenFile[] = []
  let left = budget
  for (const { path, score } of ranked) {
    if (score <= 0 || left < LEAST || chosen.length === MOST_FILES) break
    const content = read(path)
    const room = Math.min(roomAt(chosen.length), left - toTokens(path))
    if (content === undefined || room < LEAST) continue
    const excerpt = excerptOf(content, wanted, room)
    if (excerpt.lines.length === 0) continue
    chosen.push({ path, lines: excerpt.lines, tokens: excerpt.tokens + toTokens(path) })
    left -= excerpt.tokens + toTokens(path)
  }
  return chosen
}

function roomAt(place: number): number {
  let before = 0
  for (const { files, tokens } of ROOM) {
    before += files
    if (place < before) return tokens
  }
  return ROOM_BEHIND
}
