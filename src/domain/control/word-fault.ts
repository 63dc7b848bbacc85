import { nearPaths } from '../packs/near-paths.ts'
import { hasTarget, type TargetKind, targetReader } from '../targets/index.ts'
import type { Declared, FileKind } from '../targets/target.ts'
import type { Word } from './command-rule.ts'
import { quote } from './quote.ts'

/** What is known of the checkout that a command would run in; paths are relative to its root. */
export type CommandFacts = {
  /** What stands at a path; `''` is never asked. */
  readonly files: (path: string) => FileKind | null
  /** What a folder (`''` is the root) or another place declares of a kind; null where it declares nothing of it. */
  readonly targets: (kind: TargetKind, at: string) => Declared | null
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
    case 'target':
      return targetFault(text, word, place)
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
  folder: (text: string, place: Place) => pathFault(text, 'be-directory', place),
  workspace: workspaceFault,
} as const

function isShape(word: Word): word is Extract<Word, { is: keyof typeof SHAPES }> {
  return Object.hasOwn(SHAPES, word.is)
}

/** A dash of any script, also behind quotes and blanks that a shell would have taken away. */
const LIKE_OPTION = /^[\s'"\\$`]*[\p{Pd}\u2212]/u

function textFault(text: string): string | undefined {
  return LIKE_OPTION.test(text) ? `${quote(text)} begins like an option` : undefined
}

function lineRangeFault(text: string): string | undefined {
  return /^(?:\d{1,9}|\$)(?:,(?:\d{1,9}|\$))?p$/.test(text) ? undefined : `${quote(text)} does more than print lines`
}

function numberFault(text: string, min: number, max: number): string | undefined {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
  if (value !== undefined && value >= min && value <= max) return undefined
  return `${quote(text)} is not a number from ${min} to ${max}`
}

function targetFault(text: string, word: Extract<Word, { is: 'target' }>, place: Place): string | undefined {
  const { noun, joint, separator } = targetReader(word.of)
  const names = separator === null ? [text] : text.split(separator)
  const unlisted = names.find((name) => name.startsWith('-') || !isListed(name, word.named, joint))
  if (unlisted !== undefined) {
    const longer = joint === null ? '' : ` or one of these and "${joint}…"`
    return `${quote(unlisted)} is not a ${noun} named ${(word.named ?? ['as it is declared']).join(', ')}${longer}`
  }
  const declared = place.facts.targets(word.of, place.cwd.join('/'))
  return firstFault(names, (name) => missingFrom(word.of, name, declared))
}

function isListed(name: string, named: readonly string[] | undefined, joint: string | null): boolean {
  if (named === undefined) return true
  return named.some((listed) => name === listed || (joint !== null && name.startsWith(`${listed}${joint}`)))
}

function firstFault(names: readonly string[], faultOf: (name: string) => string | undefined): string | undefined {
  return names.map(faultOf).find((fault) => fault !== undefined)
}

/** A name that could not be read counts as absent; a rule that has it as a literal word allows it all the same. */
function missingFrom(kind: TargetKind, name: string, declared: Declared | null): string | undefined {
  const { noun } = targetReader(kind)
  if (declared !== null && hasTarget(kind, declared, name)) return undefined
  const missing = `there is no ${noun} ${quote(name)} here`
  if (declared === null) return `${missing}: no ${noun} is declared`
  if (declared.unsure !== null) {
    return `${missing} that can be read (${declared.unsure}); a rule with the literal word ${quote(name)} in .agentos/policy.yml allows it`
  }
  const near = nearPaths(name, declared.names)
  if (near.length > 0) return `${missing}; did you mean ${near.map(quote).join(' or ')}?`
  const some = declared.names.slice(0, 10).map(quote).join(', ')
  return some === '' ? missing : `${missing}; there are ${some}`
}

function workspaceFault(text: string, { facts, cwd }: Place): string | undefined {
  if (text.startsWith('-')) return `${quote(text)} begins like an option`
  if (cwd.length > 0) return 'a workspace is only known at the root of the checkout'
  if (facts.targets('workspace-folder', text)?.names.length === 1) return undefined
  return missingFrom('workspace', text, facts.targets('workspace', ''))
}

/** Where the words after a `folder` or `workspace` are judged. Its word must have passed. */
export function placeUnder(word: Word, text: string, place: Place): Place {
  if (word.is === 'workspace') {
    const [folder = ''] = place.facts.targets('workspace-folder', text)?.names ?? []
    return { ...place, cwd: segmentsOf(folder) }
  }
  const walked = word.is === 'folder' ? walk(text, place) : place.cwd
  return { ...place, cwd: typeof walked === 'string' ? place.cwd : walked }
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.')
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
  if (LIKE_OPTION.test(text)) return 'begins like an option'
  if (text.startsWith('/') || /^[A-Za-z]:/.test(text)) return 'is an absolute path'
  if (text.startsWith('~')) return 'begins with ~'
  if (/^[;|&<>'"$`\s]|\s$/.test(text)) return 'has quotes, blanks or operators at an end, as only a shell reads them'
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
  if (wild < 0) return pathFault(path, 'exist', place) ?? selectorFault(path, selector, place)
  return (
    pathFault(path, 'be-inside', place) ?? pathFault(segments.slice(0, wild).join('/') || '.', 'be-directory', place)
  )
}

/** Each part names a class or function of the file; what follows `[` are the parameters of one. */
function selectorFault(path: string, selector: readonly string[], place: Place): string | undefined {
  const walked = walk(path, place)
  if (selector.length === 0 || typeof walked === 'string') return undefined
  const declared = place.facts.targets('python-test', walked.join('/'))
  return firstFault(selector, (part) => missingFrom('python-test', part.split('[')[0] ?? '', declared))
}

/** A folder of a module with Go files in it, or with `...` anywhere below it. */
function goPackageFault(text: string, place: Place): string | undefined {
  if (!/^\.(?:\/[A-Za-z0-9_.-]+)*\/?$/.test(text)) return `${quote(text)} is not a package of this checkout (./…)`
  const segments = text.split('/').filter((segment) => segment !== '')
  const isTree = segments.at(-1) === '...'
  const folder = isTree ? segments.slice(0, -1) : segments
  if (folder.includes('...')) return `${quote(text)} has ... before its end`
  const fault = pathFault(folder.join('/'), 'be-directory', place)
  const walked = walk(folder.join('/'), place)
  if (fault !== undefined || typeof walked === 'string') return fault
  const declared = place.facts.targets('go-package', walked.join('/'))
  if (declared === null) return `there is no go.mod for ${quote(text)}`
  return declared.names.includes(isTree ? '...' : '.') ? undefined : `there is no Go package at ${quote(text)}`
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
