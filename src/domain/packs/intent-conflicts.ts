import { type ClaimKind, FORBIDS, type Found } from './intent-claims.ts'
import { pathsNamed } from './intent-paths.ts'

/** Claims in the order of their texts' rank, the highest first. */
export type Ranked = Found & { readonly rank: number }

export type Overridden = { readonly claim: Ranked; readonly by: Ranked }

/** Which claims a text of higher rank contradicts. Within one text nothing outranks anything. */
export function overriddenAmong(claims: readonly Ranked[]): readonly Overridden[] {
  const read = claims.map((claim) => ({ claim, ...meaningOf(claim) }))
  return read.flatMap((lower) => {
    const over = read.find((higher) => higher.claim.rank > lower.claim.rank && contradicts(higher, lower))
    return over === undefined ? [] : [{ claim: lower.claim, by: over.claim }]
  })
}

type Meaning = {
  readonly is: ClaimKind
  readonly forbids: boolean
  readonly words: ReadonlySet<string>
  readonly numbers: string
  readonly paths: ReadonlySet<string>
}

function meaningOf({ is, claim }: Ranked): Meaning {
  const text = claim.text.toLowerCase()
  const paths = is === 'scope' ? [claim.text] : pathsNamed(claim.text).map(({ path }) => path)
  const words = (text.match(/[\p{L}_]+|\d+(?:\.\d+)*/gu) ?? []).filter((word) => !EMPTY.has(word))
  return {
    is,
    forbids: is === 'non-goal' || (is !== 'scope' && FORBIDS.test(text)),
    words: new Set(words.map((word) => (/^\d/.test(word) ? '#' : stem(word)))),
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
  if (/^(?:touch|edit|modif|chang|alter|updat)/.test(word)) return 'change'
  return word.length <= 4 ? word : word.replace(/(?:ing|ed|es|s|e)$/, '')
}

function contradicts(higher: Meaning, lower: Meaning): boolean {
  if (higher.is === 'scope' || lower.is === 'scope')
    return higher.forbids !== lower.forbids && sharesPath(higher, lower)
  if (higher.forbids !== lower.forbids) return likeness(higher.words, lower.words) >= 0.5
  return higher.numbers !== lower.numbers && higher.words.has('#') && likeness(higher.words, lower.words) === 1
}

function sharesPath(a: Meaning, b: Meaning): boolean {
  return [...a.paths].some((path) => b.paths.has(path))
}

/** The share of words that two claims have in common, of all that either has. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((word) => b.has(word)).length
  return common === 0 ? 0 : common / (a.size + b.size - common)
}
