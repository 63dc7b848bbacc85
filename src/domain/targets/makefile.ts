import { matchesGlob } from '../control/glob.ts'
import { type Checkout, type Declared, firstFile, plainNames, resolveIn, type TargetReader } from './target.ts'

const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'] as const
const MAX_FILES = 50
const MAX_TARGETS = 1000
const MAX_PATH = 300

/** The targets of the makefile of a folder and of what it includes: explicit and pattern rules. */
export const makeTargets: TargetReader = {
  ...plainNames,
  noun: 'make target',
  joint: '-',
  isPattern: true,
  read(checkout, folder) {
    const path = firstFile(checkout, folder, MAKEFILES)
    return path === undefined ? null : readMakefile(checkout, folder, path)
  },
}

type Reading = {
  readonly checkout: Checkout
  readonly folder: string
  readonly names: Set<string>
  readonly variables: Map<string, readonly string[] | null>
  readonly unsure: Set<string>
  readonly queue: string[]
  /** The names of files to include, each looked for once. */
  readonly included: Set<string>
}

function readMakefile(checkout: Checkout, folder: string, path: string): Declared {
  const reading: Reading = {
    checkout,
    folder,
    names: new Set(),
    variables: new Map(),
    unsure: new Set(),
    queue: [path],
    included: new Set(),
  }
  for (let i = 0; i < reading.queue.length; i += 1) {
    const next = reading.queue[i]
    if (next === undefined || i >= MAX_FILES) break
    readFile(reading, next)
  }
  if (reading.queue.length > MAX_FILES || reading.included.size > MAX_FILES)
    reading.unsure.add(`more than ${MAX_FILES} makefiles are included`)
  const names = [...reading.names].filter((name) => name.length <= 200).slice(0, MAX_TARGETS)
  const [unsure] = reading.unsure
  return { names, unsure: unsure ?? null }
}

function readFile(reading: Reading, path: string): void {
  const text = reading.checkout.text(path)
  if (text === undefined) {
    reading.unsure.add(`${path} is too large or not UTF-8 text`)
    return
  }
  for (const line of linesOf(text)) readLine(reading, line, path)
}

/** The lines that make reads itself: continued ones joined, without recipes, comments and the bodies of `define`. */
function linesOf(text: string): readonly string[] {
  const lines: string[] = []
  let isDefined = false
  for (const line of text
    .replace(/\r?\n/g, '\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')) {
    if (/^\s*endef\b/.test(line)) isDefined = false
    else if (/^\s*(?:override\s+|export\s+)*define\b/.test(line)) isDefined = true
    else if (!isDefined && !line.startsWith('\t') && line.length <= 20_000) lines.push(line.replace(/(?<!\\)#.*$/, ''))
  }
  return lines
}

const ASSIGNMENT = /^\s*(?:(?:export|override|private|unexport)\s+)*([A-Za-z0-9_.-]+)\s*(?:::?:?|[?+!])?=(.*)$/
const INCLUDE = /^\s*([-s]?)include\s+(.+)$/
const RULE = /^ *([^\s:=#][^:=#]*)::?(?!=)(.*)$/
const TARGET_VARIABLE = /^\s*(?:(?:export|override|private)\s+)*[A-Za-z0-9_.-]+\s*(?:::?:?|[?+!])?=/

function readLine(reading: Reading, line: string, path: string): void {
  const include = INCLUDE.exec(line)
  const assigned = ASSIGNMENT.exec(line)
  if (include !== null) return readInclude(reading, include[2] ?? '', include[1] !== '')
  if (assigned !== null) return assign(reading, line, { name: assigned[1] ?? '', value: assigned[2] ?? '' })
  if (/^\s*\$\((?:eval|foreach|call)\b/.test(line)) reading.unsure.add(`${path} makes rules while it is read`)
  else readRule(reading, line, path)
}

function readRule(reading: Reading, line: string, path: string): void {
  const [, targets, rest = ''] = RULE.exec(line) ?? []
  if (targets !== undefined && !TARGET_VARIABLE.test(rest)) readTargets(reading, targets.replace(/&$/, ''), path)
}

function readTargets(reading: Reading, text: string, path: string): void {
  const words = expand(reading, text)
  if (words === null) reading.unsure.add(`${path} has targets whose names are computed`)
  for (const word of words ?? []) {
    if (!/^\.[A-Z_]+$/.test(word) && !/^%$|^\//.test(word)) reading.names.add(word.replace(/^\.\//, ''))
  }
}

function assign(
  reading: Reading,
  line: string,
  { name, value }: { readonly name: string; readonly value: string },
): void {
  const words = expand(reading, value)
  const before = reading.variables.get(name)
  const isAppended = /\+=/.test(line)
  if (/\?=/.test(line) && before !== undefined) return
  reading.variables.set(name, isAppended ? joined(before ?? [], words) : words)
}

function joined(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  return a === null || b === null || a.length + b.length > MAX_WORDS ? null : [...a, ...b]
}

/** Variables that name each other could come to more words than there is memory for. */
const MAX_WORDS = 5000

/** The words of a text once plain variables are filled in; null where a function or an unknown variable decides. */
function expand({ variables }: Reading, text: string): readonly string[] | null {
  const words: string[] = []
  for (const word of wordsIn(text)) {
    const meant = meaningOf(word, variables)
    if (meant === null || words.length + meant.length > MAX_WORDS) return null
    words.push(...meant)
  }
  return words.filter((word) => word !== '')
}

function meaningOf(word: string, variables: Reading['variables']): readonly string[] | null {
  const name = /^\$[({]([A-Za-z0-9_.-]+)[)}]$/.exec(word)?.[1]
  if (name !== undefined) return variables.get(name) ?? null
  return word.includes('$') ? null : [word]
}

/** Words between spaces; what stands before a closing bracket belongs to the word that opens it. */
function wordsIn(text: string): readonly string[] {
  const words: string[] = []
  let isInside = false
  for (const word of text.trim().split(/\s+/).toReversed()) {
    words.push(isInside ? `${word} ${words.pop() ?? ''}` : word)
    const mark = /[$()]/.exec(word)?.[0]
    if (mark !== undefined) isInside = mark === ')'
  }
  return words.toReversed()
}

/** A file that is included but is not there is made by make itself, so its targets cannot be known. */
function readInclude(reading: Reading, text: string, isOptional: boolean): void {
  const names = expand(reading, text)
  if (names === null) reading.unsure.add('it includes makefiles whose names are computed')
  for (const name of names ?? []) {
    if (reading.included.has(name) || reading.included.size > MAX_FILES) continue
    reading.included.add(name)
    const paths = includedPaths(reading, name)
    if (paths.length === 0 && !isOptional && !name.includes('*'))
      reading.unsure.add(`it includes ${name}, which is not in the repository`)
    reading.queue.push(...paths.filter((path) => !reading.queue.includes(path)))
  }
}

function includedPaths({ checkout, folder }: Reading, name: string): readonly string[] {
  const path = name.length > MAX_PATH ? undefined : resolveIn(folder, name)
  if (path === undefined) return []
  if (!/[*?]/.test(name)) return checkout.kind(path) === 'file' ? [path] : []
  return checkout.below('').filter((file) => matchesGlob(path, file))
}
