import type { Claim } from './intent.ts'
import type { Citable, Line } from './intent-lines.ts'
import { pathsNamed } from './intent-paths.ts'

export type ClaimKind = 'scope' | 'constraint' | 'criterion' | 'non-goal' | 'assumption'
export type Found = { readonly is: ClaimKind; readonly claim: Claim }

/** A headed section lasts until the next heading, one under a bare label until an empty line. */
type Section = { readonly is: ClaimKind | null; readonly until: 'heading' | 'blank' }

/** What one text claims, line by line. Code and quotations claim nothing. */
export function claimsIn(text: Citable): readonly Found[] {
  const found: Found[] = []
  let section: Section = { is: null, until: 'heading' }
  for (const line of text.lines) {
    if (line.isQuoted) continue
    const begun = beginning(line, section)
    section = begun.section
    const said = claimsAt(text, line, begun)
    found.push(...notForbidden(pathsIn(text, line), said), ...said)
  }
  return found
}

/** A path that is named to be left alone is no part of the scope. Both stand in the order of the line, what is said apart. */
function notForbidden(paths: readonly Found[], said: readonly Found[]): readonly Found[] {
  if (paths.length === 0 || said.length === 0) return paths
  const forbidden = said.filter(
    ({ is, claim }) => is === 'non-goal' || (is !== 'criterion' && FORBIDS.test(claim.text)),
  )
  let at = 0
  return paths.filter(({ claim }) => {
    while ((forbidden[at]?.claim.end ?? claim.start) < claim.start) at += 1
    const around = forbidden[at]?.claim
    return around === undefined || claim.start < around.start || around.end < claim.end
  })
}

export const FORBIDS = /\b(?:not|don['’]t|mustn['’]t|shouldn['’]t|can['’]t|cannot|never|without|no|avoid|unchanged)\b/i

type Begun = {
  readonly section: Section
  /** Where on the line its own words begin; undefined where it is nothing but a heading. */
  readonly from: number | undefined
  readonly is: ClaimKind | null
}

function beginning({ text }: Line, section: Section): Begun {
  if (text.trim() === '')
    return { section: section.until === 'blank' ? NO_SECTION : section, from: undefined, is: null }
  const title = titleIn(text)
  if (title !== undefined) return { section: { is: sectionNamed(title), until: 'heading' }, from: undefined, is: null }
  return behindLabel(text, section)
}

function titleIn(text: string): string | undefined {
  const heading = MARKED.test(text) ? HEADING.exec(text) : null
  return heading === null ? undefined : (heading[1] ?? heading[2] ?? heading[3] ?? '')
}

function behindLabel(text: string, section: Section): Begun {
  const label = text.includes(':') ? LABEL.exec(text) : null
  const named = label === null ? null : sectionNamed(label[1] ?? '')
  if (label === null || named === null) return { section, from: 0, is: section.is }
  const from = label[0].length
  if (text.slice(from).trim() !== '') return { section, from, is: named }
  return { section: { is: named, until: 'blank' }, from: undefined, is: null }
}

const NO_SECTION: Section = { is: null, until: 'heading' }
const MARKED = /^ {0,3}[#*_]/
/** Each part can end at one place alone, so that no line takes longer than its length. */
const HEADING =
  /^ {0,3}(?:#{1,6}[ \t]+(?![ \t])([^#\n]+)(?=#|$)#*|\*\*([^*]{1,80}):?\*\*:?|__([^_]{1,80}):?__:?)[ \t]*$/
const LABEL = /^ {0,3}(?:[-*+][ \t]+)?(?:\*\*)?([A-Za-z][A-Za-z -]{2,30}):(?:\*\*)?/

const SECTIONS: readonly (readonly [ClaimKind, RegExp])[] = [
  ['non-goal', /^(?:non[- ]?goals?|(?:out of|not in) scope|won['’]t do)$/i],
  [
    'criterion',
    /^(?:acceptance(?: criteria| tests?)?|criteria|definition of done|done when|expected(?: behaviou?r)?)$/i,
  ],
  ['constraint', /^(?:constraints?|requirements?|rules|limits)$/i],
  ['assumption', /^(?:assumptions?|assuming)$/i],
]

/** Longer than the title of any section. */
const MAX_TITLE = 100

function sectionNamed(title: string): ClaimKind | null {
  const trimmed = title.trim()
  if (trimmed.length > MAX_TITLE) return null
  const plain = trimmed.replace(/[*_:]+$/, '').trim()
  return SECTIONS.find(([, pattern]) => pattern.test(plain))?.[0] ?? null
}

function pathsIn({ cite }: Citable, line: Line): readonly Found[] {
  const named = pathsNamed(line.text)
  if (named.length === 0) return []
  return named.flatMap(({ at, length }) => {
    const claim = cite(line.at + at, line.at + at + length)
    return claim === undefined ? [] : [{ is: 'scope', claim } as const]
  })
}

function claimsAt(text: Citable, line: Line, { from, is }: Begun): readonly Found[] {
  if (from === undefined) return []
  const task = line.text.includes('[') ? TASK.exec(line.text) : null
  if (task !== null) return cited(text, is ?? 'criterion', [line.at + task[0].length, line.at + line.text.length])
  const mark = from === 0 ? (ITEM.exec(line.text)?.[0].length ?? 0) : from
  const rest = [line.at + mark, line.at + line.text.length] as const
  if (is !== null) return NOTHING.test(line.text.slice(mark)) ? [] : cited(text, is, rest)
  return sentencesIn(line.text, mark).flatMap((sentence) => saying(text, line, sentence))
}

const ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+/
const TASK = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX]\][ \t]+/

function cited({ cite }: Citable, is: ClaimKind, [from, to]: readonly [number, number]): readonly Found[] {
  const claim = cite(from, to)
  return claim === undefined ? [] : [{ is, claim }]
}

/** All that a section says which a form asked for and its writer left empty. */
const NOTHING = /^[ \t]*(?:none|nothing|n\/a)\b[.!]?[ \t]*$/i

type Sentence = { readonly text: string; readonly at: number }

function sentencesIn(line: string, from: number): readonly Sentence[] {
  if (!SAYING.test(line)) return []
  if (!/[.!?;]/.test(line)) return [{ text: line.slice(from).trimEnd(), at: from }]
  return [...line.slice(from).matchAll(/[^.!?;]*(?:[.!?;](?![\s)"'`]|$)[^.!?;]*)*[.!?;]?/g)].flatMap((found) => {
    const text = found[0].replace(/(?<![.;!\s])[.;!\s]+$/, '')
    return text.trim() === '' ? [] : [{ text, at: from + found.index }]
  })
}

/** What a sentence outside of any section says of itself; a question claims nothing. */
function saying(text: Citable, line: Line, sentence: Sentence): readonly Found[] {
  const said = sentence.text
  if (said.endsWith('?')) return []
  const start = line.at + sentence.at
  const whole = [start, start + said.length] as const
  if (LEFT_OUT.test(said)) return cited(text, 'non-goal', whole)
  if (ASSUMING.test(said.replaceAll(DISCLAIMED, ''))) return cited(text, 'assumption', whole)
  if (BINDING.test(said) || ASSUMING.test(said)) return cited(text, 'constraint', whole)
  const without = WITHOUT.exec(said)
  return without === null ? [] : cited(text, 'constraint', [start + without.index, start + said.length])
}

const LEFT_OUT = /\b(?:out of scope|not in scope|non-goals?)\b/i
const ASSUMING = /\bassum(?:e[sd]?|ing|ptions?)\b/i
/** Whoever rules an assumption out makes none. */
const DISCLAIMED = /(?:\b(?:not|never|no|no longer|without|avoid|stop)|n['’]t)[ \t]+assum(?:e[sd]?|ing|ptions?)\b/gi
const BINDING =
  /\b(?:do not|don['’]t|must|mustn['’]t|never|may not|should not|shouldn['’]t|cannot|can['’]t|at most|at least|unchanged|only|avoid)\b/i
const WITHOUT = /\bwithout\b/i
/** A line with none of these words says nothing of itself. */
const SAYING = new RegExp([LEFT_OUT, ASSUMING, BINDING, WITHOUT].map(({ source }) => source).join('|'), 'i')
