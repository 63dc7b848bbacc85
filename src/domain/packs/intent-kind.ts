import type { Claim, Kind, TextSource } from './intent.ts'
import type { Citable } from './intent-lines.ts'

export type KindFound = { readonly kind: Kind; readonly from: Claim | null }
type Said = { readonly kind: Kind; readonly at: number; readonly length: number }

/** The kind of a request by its first line: a conventional prefix, the verb it begins with, or what it speaks of. */
export function kindOf(text: Citable): KindFound | undefined {
  const line = text.lines.find((one) => one.text.trim() !== '' && !one.isQuoted)
  if (line === undefined) return undefined
  const words = line.text.replace(/^[#\s*>-]+/, '')
  const said = byPrefix(words) ?? byVerb(words, STRONG) ?? byNoun(words) ?? byVerb(words, WEAK)
  if (said === undefined) return undefined
  const from = line.at + line.text.length - words.length + said.at
  return { kind: said.kind, from: text.cite(from, from + said.length) ?? null }
}

/** The first label that names a kind. Labels are cited as they stand one below the other. */
export function kindOfLabels(labels: readonly string[]): KindFound | undefined {
  let start = 0
  for (const label of labels) {
    const kind = LABELS.get(label.toLowerCase().replace(/^(?:type|kind)[:/ ]+/, ''))
    const source: TextSource = 'label'
    if (kind !== undefined) return { kind, from: { text: label, source, start, end: start + label.length } }
    start += label.length + 1
  }
  return undefined
}

function byPrefix(line: string): Said | undefined {
  const [, word] = /^([a-z]{2,10})(?:\([^()]{0,50}\))?!?:[ \t]/i.exec(line) ?? []
  const kind = word === undefined ? undefined : PREFIXES.get(word.toLowerCase())
  return word === undefined || kind === undefined ? undefined : { kind, at: 0, length: word.length }
}

function byVerb(line: string, verbs: ReadonlyMap<string, Kind>): Said | undefined {
  const [whole, polite = '', word] =
    /^((?:please|pls|can you|could you|let['’]s|we should)[ ,]+)?([a-z-]+)/i.exec(line) ?? []
  const kind = word === undefined ? undefined : verbs.get(word.toLowerCase())
  if (whole === undefined || word === undefined || kind === undefined) return undefined
  return { kind, at: polite.length, length: word.length }
}

function byNoun(line: string): Said | undefined {
  const found = [...line.matchAll(/[a-z]+/gi)].find(([word]) => NOUNS.has(word.toLowerCase()))
  const kind = found === undefined ? undefined : NOUNS.get(found[0].toLowerCase())
  return found === undefined || kind === undefined ? undefined : { kind, at: found.index, length: found[0].length }
}

function table(rows: { readonly [K in Exclude<Kind, 'unknown'>]?: string }): ReadonlyMap<string, Kind> {
  const kinds = ['fix', 'feature', 'refactor', 'docs', 'test', 'dependency', 'format', 'chore'] as const
  return new Map(
    kinds.flatMap((kind) =>
      (rows[kind] ?? '').split(' ').flatMap((word) => (word === '' ? [] : [[word, kind] as const])),
    ),
  )
}

const PREFIXES = table({
  fix: 'fix bugfix hotfix',
  feature: 'feat feature',
  refactor: 'refactor perf',
  docs: 'doc docs',
  test: 'test tests',
  dependency: 'deps dep',
  format: 'style format',
  chore: 'chore build ci',
})
const STRONG = table({
  fix: 'fix fixes repair correct resolve',
  refactor: 'refactor rename replace extract move inline simplify deduplicate migrate split',
  docs: 'document describe explain',
  test: 'test cover',
  dependency: 'bump upgrade downgrade',
  format: 'format reformat lint sort indent',
  chore: 'remove delete drop clean',
})
const WEAK = table({
  feature: 'add implement support introduce create allow let make show enable',
  chore: 'update change set',
})
const NOUNS = table({
  fix: 'bug crash crashes regression broken fails',
  docs: 'docs documentation readme changelog typo typos',
  test: 'test tests coverage',
  dependency: 'dependency dependencies lockfile',
  format: 'formatting whitespace lint',
})
const LABELS = table({
  fix: 'bug fix regression',
  feature: 'enhancement feature',
  refactor: 'refactor refactoring cleanup',
  docs: 'documentation docs',
  test: 'test tests testing',
  dependency: 'dependencies dependency',
  format: 'format style',
  chore: 'chore maintenance',
})
