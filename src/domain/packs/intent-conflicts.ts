import { type ClaimKind, FORBIDS, type Found } from './intent-claims.ts'
import { pathsNamed } from './intent-paths.ts'

/** Claims in the order of their texts' rank, the highest first. */
export type Ranked = Found & { readonly rank: number }

export type Overridden = { readonly claim: Ranked; readonly by: Ranked }

/** Which claims a text of higher rank contradicts. Within one text nothing outranks anything. */
export function overriddenAmong(claims: readonly Ranked[]): readonly Overridden[] {
  const numberOf = numbering()
  const read = claims.map((claim) => ({ claim, ...meaningOf(claim, numberOf) }))
  return read.flatMap((lower) => {
    const over = read.find((higher) => higher.claim.rank > lower.claim.rank && contradicts(higher, lower))
    return over === undefined ? [] : [{ claim: lower.claim, by: over.claim }]
  })
}

type Meaning = {
  readonly is: ClaimKind
  readonly forbids: boolean
  /** Its first different words, each by a number of its own in ascending order. */
  readonly words: Uint32Array
  readonly numbers: string
  readonly paths: ReadonlySet<string>
}

const MAX_WORDS = 64

/** The same number for the same word. */
function numbering(): (word: string) => number {
  const numbers = new Map<string, number>()
  return (word) => {
    const number = numbers.get(word) ?? numbers.size
    numbers.set(word, number)
    return number
  }
}

function meaningOf({ is, claim }: Ranked, numberOf: (word: string) => number): Meaning {
  const text = claim.text.toLowerCase()
  const paths = is === 'scope' ? [claim.text] : pathsNamed(claim.text).map(({ path }) => path)
  const words = (text.match(/[\p{L}_]+|\d+(?:\.\d+)*/gu) ?? []).filter((word) => !EMPTY.has(word))
  return {
    is,
    forbids: is === 'non-goal' || (is !== 'scope' && FORBIDS.test(text)),
    words: Uint32Array.from([...new Set(words.map(stem))].slice(0, MAX_WORDS), numberOf).sort(),
    numbers: words.filter((word) => /^\d/.test(word)).join(),
    paths: new Set(paths.map((path) => path.replace(/\/+$/, ''))),
  }
}

const EMPTY: ReadonlySet<string> = new Set(
  'a an the to of in on at for and or with be is are it its this that any all we i you please do not don t must mustn should shouldn can cannot may never without no avoid only always out scope goal goals non'.split(
    ' ',
  ),
)

function stem(word: string): string {
  if (/^\d/.test(word)) return '#'
  if (/^(?:touch|edit|modif|chang|alter|updat)/.test(word)) return 'change'
  return word.length <= 4 ? word : word.replace(/(?:ing|ed|es|s|e)$/, '')
}

function contradicts(higher: Meaning, lower: Meaning): boolean {
  if (higher.is === 'scope' || lower.is === 'scope')
    return higher.forbids !== lower.forbids && sharesPath(higher, lower)
  if (higher.forbids !== lower.forbids) return likeness(higher.words, lower.words) >= 0.5
  const isOther = higher.numbers !== lower.numbers && higher.numbers !== ''
  return isOther && likeness(higher.words, lower.words) === 1
}

function sharesPath(a: Meaning, b: Meaning): boolean {
  return [...a.paths].some((path) => b.paths.has(path))
}

/** The share of words that two claims have in common, of all that either has. */
function likeness(a: Uint32Array, b: Uint32Array): number {
  let common = 0
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    const [left = 0, right = 0] = [a[i], b[j]]
    if (left === right) common += 1
    if (left <= right) i += 1
    if (right <= left) j += 1
  }
  return common === 0 ? 0 : common / (a.length + b.length - common)
}
