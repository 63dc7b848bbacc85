import { comparePaths } from '../patch/edit.ts'
import { type Analysis, type Field, toField } from './analyse-file.ts'
import { type FileKind, kindOf, subjectOf } from './file-kind.ts'
import { wordsIn } from './words.ts'

/** A file with its score: whole thousandths, of meaning only beside others of the same ranking. */
export type RankedFile = { readonly path: string; readonly score: number }

/** What is looked for, and everything that may be found. Contents that were not read are absent. */
export type Ranking = {
  readonly text: string
  readonly paths: readonly string[]
  readonly analysis: (path: string) => Analysis | undefined
}

/**
 * Files by how much they have to do with a text, the first most: BM25F over paths, defined names and contents, more for a
 * path or file that the text names, and a share of the score for the test of a file and the file of a test. The same files
 * and text give the same order, whatever order they come in.
 */
export function rankFiles({ text, paths, analysis }: Ranking): readonly RankedFile[] {
  const sorted = [...new Set(paths)].sort(comparePaths)
  const documents = sorted.map((path) => toDocument(path, analysis(path)))
  const query = queryOf(text)
  const weigh = weigher(documents, query)
  const found = documents.map((document) => weigh(document) * KIND[document.kind])
  const best = found.reduce((most, score) => Math.max(most, score), 1)
  const hinted = documents.map((document, i) => (found[i] ?? 0) + best * hintFor(document, query))
  const paired = withPairs(documents, hinted)
  return documents
    .map(({ path }, i) => ({ path, score: Math.round((paired[i] ?? 0) * 1000 + mention(path, query)) }))
    .sort((a, b) => b.score - a.score || comparePaths(a.path, b.path))
}

type Document = {
  readonly path: string
  readonly kind: FileKind
  readonly fields: readonly [path: Field, defines: Field, content: Field]
}

const NOTHING: Field = { counts: new Map(), length: 0 }

/** How much a word in each field counts, and how much a long field counts against it. */
const FIELDS = [
  { weight: 8, slope: 0.4 },
  { weight: 1.5, slope: 0.6 },
  { weight: 1, slope: 0.75 },
] as const
const SATURATION = 2

/** How likely a file of a kind is to be meant. */
const KIND: Readonly<Record<FileKind, number>> = {
  source: 1,
  test: 0.9,
  docs: 0.7,
  changelog: 0.8,
  dependencies: 0.8,
  settings: 0.7,
  other: 0.6,
  lock: 0.1,
  made: 0.1,
}

function toDocument(path: string, analysis: Analysis | undefined): Document {
  const name = toField(wordsIn(path))
  return {
    path,
    kind: kindOf(path),
    fields: analysis === undefined ? [name, NOTHING, NOTHING] : [name, analysis.defines, analysis.content],
  }
}

type Query = {
  readonly text: string
  readonly title: ReadonlySet<string>
  readonly weights: ReadonlyMap<string, number>
}

const TITLE_WEIGHT = 3

/** The first line of a text says what it is about; the rest is told. */
function queryOf(text: string): Query {
  const end = text.indexOf('\n')
  const title = end < 0 ? text : text.slice(0, end)
  const weights = new Map<string, number>()
  for (const word of new Set(wordsIn(text))) weights.set(word, 1)
  for (const word of new Set(wordsIn(title))) weights.set(word, TITLE_WEIGHT)
  return { text: text.toLowerCase(), title: new Set(title.toLowerCase().match(/[a-z]+/g) ?? []), weights }
}

/** Rounded to thousandths, so that no engine's logarithm can turn two files round. */
function weigher(documents: readonly Document[], { weights }: Query): (document: Document) => number {
  const means = FIELDS.map((_, f) => {
    const lengths = documents.flatMap(({ fields }) => (fields[f]?.length ? [fields[f].length] : []))
    return lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length)
  })
  const terms = [...weights].flatMap(([word, weight]) => {
    const holding = documents.filter(({ fields }) => fields.some(({ counts }) => counts.has(word))).length
    const rarity = Math.round(1000 * Math.log(1 + (documents.length - holding + 0.5) / (holding + 0.5))) / 1000
    return holding === 0 ? [] : [{ word, weight: weight * rarity }]
  })
  return ({ fields }) =>
    terms.reduce((sum, { word, weight }) => {
      const found = FIELDS.reduce((total, { weight: share, slope }, f) => {
        const { counts, length } = fields[f] ?? NOTHING
        const mean = means[f] ?? 1
        const count = counts.get(word) ?? 0
        return count === 0 ? total : total + (share * count) / (1 - slope + (slope * length) / Math.max(1, mean))
      }, 0)
      return sum + (weight * found) / (SATURATION + found)
    }, 0)
}

/** What people say when they mean a kind of file, and what share of the best score that is worth. */
const HINTS: readonly {
  readonly says: readonly string[]
  readonly means: (document: Document) => boolean
  readonly share: number
}[] = [
  {
    says: ['dependency', 'dependencies', 'deps', 'dep', 'bump', 'upgrade', 'pin', 'requirements', 'lockfile'],
    means: ({ kind }) => kind === 'dependencies' || kind === 'lock',
    share: 0.5,
  },
  {
    says: ['ci', 'workflow', 'workflows', 'actions', 'github actions', 'pipeline'],
    means: ({ path }) => path.startsWith('.github/workflows/') || /^\.(?:gitlab-ci|travis|circleci)/.test(path),
    share: 0.5,
  },
  {
    says: ['dependency', 'dependencies', 'deps', 'bump', 'update', 'updates', 'upgrade', 'pin'],
    means: ({ path }) => path.startsWith('.github/workflows/'),
    share: 0.25,
  },
  {
    says: ['docs', 'doc', 'documentation', 'readme', 'typo', 'typos'],
    means: ({ kind }) => kind === 'docs',
    share: 0.25,
  },
  { says: ['test', 'tests', 'testing', 'coverage'], means: ({ kind }) => kind === 'test', share: 0.1 },
  { says: ['changelog', 'release', 'history'], means: ({ kind }) => kind === 'changelog', share: 0.6 },
  {
    says: ['add', 'fix', 'support', 'remove', 'deprecate', 'feat'],
    means: ({ kind }) => kind === 'changelog',
    share: 0.35,
  },
]

function hintFor(document: Document, { title }: Query): number {
  return HINTS.reduce(
    (most, { says, means, share }) =>
      says.some((word) => title.has(word)) && means(document) ? Math.max(most, share) : most,
    0,
  )
}

const PAIR_SHARE = 0.35

/** A test and what it tests lend each other a share of their own score; of several of one name each gets the best other's. */
function withPairs(documents: readonly Document[], own: readonly number[]): readonly number[] {
  const bySubject = Map.groupBy(
    [...documents.keys()].filter((i) => ['source', 'test'].includes(documents[i]?.kind ?? '')),
    (i) => subjectOf(documents[i]?.path ?? ''),
  )
  return documents.map((document, i) => {
    const others = (bySubject.get(subjectOf(document.path)) ?? []).filter((j) => documents[j]?.kind !== document.kind)
    if (others.length > MANY || (document.kind !== 'source' && document.kind !== 'test')) return own[i] ?? 0
    return (own[i] ?? 0) + PAIR_SHARE * others.reduce((best, j) => Math.max(best, own[j] ?? 0), 0)
  })
}

/** `index`, `mod` and `main` are names of everything. */
const MANY = 6

const WHOLE_PATH = 100_000
const FILE_NAME = 30_000

/** A text that names a file means it. */
function mention(path: string, { text }: Query): number {
  const folded = path.toLowerCase()
  const name = folded.slice(folded.lastIndexOf('/') + 1)
  if (isNamed(text, folded) && folded.includes('/')) return WHOLE_PATH
  return name.includes('.') && isNamed(text, name) ? FILE_NAME : 0
}

/** Whether a name stands in a text by itself, and not as the end or the beginning of another. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + name.length] ?? ' ']
    if (!/[\w-]/.test(before) && !/[\w-]/.test(after)) return true
  }
  return false
}
