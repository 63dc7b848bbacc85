/**
 * The words of a text as ranking compares them: in lower case, identifiers taken apart at case, digits and separators, and
 * endings cut, so that `parseURLs` and "parsing of an url" share words. Names of several parts are kept whole as well.
 */
export function wordsIn(text: string): string[] {
  const words: string[] = []
  for (const [name] of text.matchAll(NAME)) addName(words, name)
  return words
}

const NAME = /[\p{L}\p{N}_$]+/gu
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}]+|\p{Lu}+|\p{N}+/gu
const LONGEST = 64

function addName(words: string[], name: string): void {
  if (name.length > LONGEST) return
  const parts = name.match(PART) ?? []
  for (const part of parts) addWord(words, part)
  if (parts.length > 1) words.push(name.toLowerCase())
}

function addWord(words: string[], part: string): void {
  const word = part.toLowerCase()
  if (word.length > 1 && !COMMON.has(word)) words.push(stem(word))
}

/** The same for the words of one language that differ in their endings only: rough, and the same on both sides. */
export function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word
  return undouble(ENDINGS.reduce(cut, word))
}

/** In this order: each is cut where enough of the word is left. */
const ENDINGS = [
  [/ies$/, 'i'],
  [/(?<=[^su])s$/, ''],
  [/(?:ation|ing|ed|er|or|able)$/, ''],
  [/e$/, ''],
  [/y$/, 'i'],
] as const

function cut(word: string, [ending, instead]: (typeof ENDINGS)[number]): string {
  const rest = word.replace(ending, instead)
  return rest.length < 3 ? word : rest
}

function undouble(word: string): string {
  return word.length > 3 && word.at(-1) === word.at(-2) ? word.slice(0, -1) : word
}

/** English words that tell nothing about which file is meant. */
export const COMMON: ReadonlySet<string> = new Set(
  `a about after again all also am an and any are as at be because been before being both but by can could did do does doing done
  each either else few for from further get gets got had has have having he her here him his how i if in into is it its just let
  like made make makes me more most my no nor not now of off on once only or other our out over own per please same she should
  so some such than that the their them then there these they this those through to too under until up us use used uses using
  very was we well were what when where which while who why will with without would you your`.split(/\s+/),
)
