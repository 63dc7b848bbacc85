import type { Word } from './command-rule.ts'
import { quote } from './quote.ts'

export type FileKind = 'file' | 'directory' | 'symlink'

/** What is known of the checkout that a command would run in; paths are relative to its root, `''` is never asked. */
export type CommandFacts = {
  readonly scripts: readonly string[]
  readonly makeTargets: readonly string[]
  readonly files: (path: string) => FileKind | null
}

/** Where a word is judged: the checkout and the directory in it, as segments from the root. */
export type Place = { readonly facts: CommandFacts; readonly cwd: readonly string[] }

/** Why a text is not such a word, or `undefined` where it is. */
export function wordFault(word: Word, text: string, place: Place): string | undefined {
  if (isShape(word)) return SHAPES[word.is](text, place)
  switch (word.is) {
    case 'literal':
      return text === word.value ? undefined : `${quote(text)} is not ${word.value}`
    case 'choice':
      return word.values.includes(text) ? undefined : `${quote(text)} is none of ${word.values.join(', ')}`
    case 'number':
      return numberFault(text, word.min, word.max)
    case 'script':
      return scriptFault(text, word.named, place)
    case 'target':
      return targetFault(text, word.named, place)
    case 'path':
      return pathFault(text, word.must, place)
  }
}

const SHAPES = {
  text: textFault,
  'line-range': lineRangeFault,
  revision: revisionFault,
  'revision-or-path': (text: string, place: Place) =>
    text.includes(':') ? revisionFault(text, place) : pathFault(text, 'be-inside', place),
  'test-id': testIdFault,
  'go-package': goPackageFault,
} as const

function isShape(word: Word): word is Extract<Word, { is: keyof typeof SHAPES }> {
  return Object.hasOwn(SHAPES, word.is)
}

function textFault(text: string): string | undefined {
  return text.startsWith('-') ? `${quote(text)} begins like an option` : undefined
}

function lineRangeFault(text: string): string | undefined {
  return /^(?:\d{1,9}|\$)(?:,(?:\d{1,9}|\$))?p$/.test(text) ? undefined : `${quote(text)} does more than print lines`
}

function numberFault(text: string, min: number, max: number): string | undefined {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
  if (value !== undefined && value >= min && value <= max) return undefined
  return `${quote(text)} is not a number from ${min} to ${max}`
}

function scriptFault(text: string, named: readonly string[], { facts, cwd }: Place): string | undefined {
  if (!named.some((name) => text === name || text.startsWith(`${name}:`))) {
    return `${quote(text)} is not a script named ${named.join(', ')} or one of these and ":…"`
  }
  return missingFrom('script', text, cwd, facts.scripts)
}

function targetFault(text: string, named: readonly string[], { facts, cwd }: Place): string | undefined {
  if (!named.some((name) => text === name || text.startsWith(`${name}-`))) {
    return `${quote(text)} is not a target named ${named.join(', ')} or one of these and "-…"`
  }
  return missingFrom('make target', text, cwd, facts.makeTargets)
}

function missingFrom(kind: string, text: string, cwd: readonly string[], known: readonly string[]): string | undefined {
  if (cwd.length > 0) return `a ${kind} is only known at the root of the checkout`
  if (known.includes(text)) return undefined
  const some = known.slice(0, 10).map(quote).join(', ')
  return `there is no ${kind} ${quote(text)} here${some === '' ? '' : `; there are ${some}`}`
}

const MEANS = { exist: 'nothing', 'be-file': 'no file', 'be-directory': 'no directory' } as const

/** A path as an operand: it stays inside the checkout at every step and passes through no symlink and no `.git`. */
function pathFault(text: string, must: Extract<Word, { is: 'path' }>['must'], place: Place): string | undefined {
  const spelling = spellingFault(text)
  if (spelling !== undefined) return `${quote(text)} ${spelling}`
  const walked = walk(text, place)
  if (typeof walked === 'string') return `${quote(text)} ${walked}`
  if (must === 'be-inside') return undefined
  const kind = walked.length === 0 ? 'directory' : place.facts.files(walked.join('/'))
  const wanted = { exist: kind !== null, 'be-file': kind === 'file', 'be-directory': kind === 'directory' }
  return wanted[must] ? undefined : `there is ${MEANS[must]} at ${quote(text)}`
}

function spellingFault(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (text.startsWith('-')) return 'begins like an option'
  if (text.startsWith('/') || /^[A-Za-z]:/.test(text)) return 'is an absolute path'
  if (text.startsWith('~')) return 'begins with ~'
  if (/^[:@%!(]/.test(text)) return 'begins with a character that programs give a meaning'
  if (text.includes('\\')) return 'has a backslash'
  return text.includes('://') ? 'is an address' : undefined
}

function walk(text: string, { facts, cwd }: Place): readonly string[] | string {
  const at = [...cwd]
  for (const segment of text.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') {
      if (at.pop() === undefined) return 'leaves the checkout'
      continue
    }
    if (isGitDirectory(segment)) return 'lies in .git'
    at.push(segment)
    if (facts.files(at.join('/')) === 'symlink') return 'passes through a symlink'
  }
  return at
}

/** `.git` under any spelling that some file system takes for it. */
function isGitDirectory(segment: string): boolean {
  const plain = segment
    .normalize('NFKC')
    .replace(/[. ]+$/, '')
    .toLowerCase()
  return plain === '.git' || plain === 'git~1' || plain.startsWith('.git:')
}

/** A test file, a pattern over test files in a directory that exists, or a test in a file (`tests/test_a.py::test_b`). */
function testIdFault(text: string, place: Place): string | undefined {
  const [path = '', ...selector] = text.split('::')
  if (!selector.every((part) => /^[\w .,=[\]-]+$/.test(part))) return `${quote(text)} selects no test by name`
  const segments = path.split('/')
  const wild = segments.findIndex((segment) => segment.includes('*'))
  if (wild < 0) return pathFault(path, 'exist', place)
  return (
    pathFault(path, 'be-inside', place) ?? pathFault(segments.slice(0, wild).join('/') || '.', 'be-directory', place)
  )
}

function goPackageFault(text: string, place: Place): string | undefined {
  if (!/^\.(?:\/[A-Za-z0-9_.-]+)*\/?$/.test(text)) return `${quote(text)} is not a package of this checkout (./…)`
  const fixed = text.split('/').filter((segment) => segment !== '...')
  return pathFault(fixed.join('/'), 'exist', place)
}

const NAME = String.raw`(?:[A-Za-z0-9_](?:[A-Za-z0-9_/+-]|\.(?!\.))*|@)(?:@\{(?:u|upstream|push|-?\d{1,9})\})?(?:[~^]\d{0,9})*`
const REVISION = new RegExp(`^\\^?${NAME}$`)
const RANGE = new RegExp(`^${NAME}\\.{2,3}(?:${NAME})?$`)

/** A commit by name or id, a range of two, or a file of a commit; no search and no other magic of git's. */
function revisionFault(text: string, place: Place): string | undefined {
  if (text.length > 300) return `${quote(text)} is too long for a revision`
  const colon = text.indexOf(':')
  if (colon < 0) return REVISION.test(text) || RANGE.test(text) ? undefined : `${quote(text)} is not a plain revision`
  if (!REVISION.test(text.slice(0, colon))) return `${quote(text)} is not a file of a plain revision`
  return pathFault(text.slice(colon + 1), 'be-inside', place)
}
