import { type Definition, definitionsIn } from './symbols.ts'
import { wordsIn } from './words.ts'

/** How often each word stands in a text, and how many words it has. */
export type Field = { readonly counts: ReadonlyMap<string, number>; readonly length: number }

/** What ranking knows of a file's content. */
export type Analysis = { readonly content: Field; readonly defines: Field; readonly definitions: readonly Definition[] }

const MAX_CHARACTERS = 100_000

export function analyseFile(path: string, text: string): Analysis {
  const start = text.slice(0, MAX_CHARACTERS)
  const definitions = definitionsIn(path, start)
  return {
    content: toField(wordsIn(start)),
    defines: toField(definitions.flatMap(({ name }) => wordsIn(name))),
    definitions,
  }
}

export function toField(words: readonly string[]): Field {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return { counts, length: words.length }
}
