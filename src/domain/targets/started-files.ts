import { loadedNames } from './loaded-names.ts'
import { isObject, parseJson, readPackageJson } from './package-json.ts'
import { type Checkout, pathIn, resolveIn } from './target.ts'

/** A named piece of a file that declares what may be run: a script of `package.json`, a target of a makefile. */
type Section = { readonly name: string; readonly text: string }

const MAX_FILES = 300
const MAX_TEXTS = 100

/** How the files of a folder declare by name what may be run. */
const DECLARING: readonly (readonly [file: string, sections: (text: string) => readonly Section[]])[] = [
  ['package.json', (text) => readPackageJson(text).scripts.map(({ name, command }) => ({ name, text: command }))],
  ['deno.json', (text) => memberTexts(text, 'tasks')],
  ['deno.jsonc', (text) => [{ name: '', text }]],
  ['composer.json', (text) => memberTexts(text, 'scripts')],
  ['GNUmakefile', rules],
  ['makefile', rules],
  ['Makefile', rules],
  ['justfile', rules],
  ['Justfile', rules],
  ['.justfile', rules],
  ['Rakefile', (text) => [{ name: '', text }]],
]

/**
 * The files that a command comes to start or read by way of the scripts and targets of `places`, of shell scripts, and of
 * what the programs among them load: every file that they name and that is there. Null where they are too many to follow,
 * or a program loads what it does not name. Tests that a runner finds by itself are not followed: what they load is the code
 * that is checked.
 */
export function startedFiles(
  argv: readonly string[],
  checkout: Checkout,
  places: readonly string[],
): readonly string[] | null {
  const found = new Set<string>()
  const texts: Text[] = [
    { folder: '', text: argv.join(' '), isCalled: true },
    ...places.flatMap((place) => declaredTexts(checkout, place, argv)),
  ]
  for (let i = 0; i < texts.length; i += 1) {
    const { folder, text, isCalled } = texts[i] ?? NOTHING
    for (const path of filesNamed(text, folder, checkout)) {
      if (found.has(path)) continue
      found.add(path)
      const named = followed(path, checkout)
      if (named === null && isCalled) return null
      if (typeof named === 'string') texts.push({ folder: folderOf(path), text: named, isCalled })
    }
    if (found.size > MAX_FILES || texts.length > MAX_TEXTS) return null
  }
  return [...found].sort()
}

/** What names files, and whether the command comes to it by name, or it only stands where the command may look. */
type Text = { readonly folder: string; readonly text: string; readonly isCalled: boolean }

const NOTHING: Text = { folder: '', text: '', isCalled: false }

/** A script that is called by name may call targets of another file of its folder. */
function declaredTexts(checkout: Checkout, place: string, argv: readonly string[]): readonly Text[] {
  const files = DECLARING.flatMap(([file, read]) => {
    const path = pathIn(place, file)
    const text = checkout.kind(path) === 'file' ? checkout.text(path) : undefined
    return text === undefined ? [] : [read(text)]
  })
  const inner = files.flatMap((sections) => called(sections, argv) ?? []).flatMap(({ text }) => wordsOf(text))
  return files.flatMap((sections) => {
    const found = called(sections, [...argv, ...inner])
    return (found ?? sections).map(({ text }) => ({ folder: place, text, isCalled: found !== undefined }))
  })
}

/** The sections that the words name, those that these name, and what runs before and after them; undefined where no word names one. */
function called(sections: readonly Section[], words: readonly string[]): readonly Section[] | undefined {
  const byName = Map.groupBy(sections, ({ name }) => name)
  const queue = ['', ...words].filter((word) => byName.has(word))
  if (!queue.some((name) => name !== '')) return undefined
  const seen = new Set<string>()
  for (const name of queue) {
    if (seen.has(name)) continue
    seen.add(name)
    const next = (byName.get(name) ?? []).flatMap(({ text }) => wordsOf(text))
    queue.push(...[`pre${name}`, `post${name}`, ...next].filter((word) => byName.has(word) && !seen.has(word)))
  }
  return sections.filter(({ name }) => seen.has(name))
}

const wordsOf = (text: string): readonly string[] => text.match(/[A-Za-z0-9_@.:/+-]+/g) ?? []

/** A program may leave out what its files end in, and Python names them by their module. */
const ENDINGS = [
  '',
  '.js',
  '.mjs',
  '.cjs',
  '.ts',
  '.mts',
  '.py',
  '.rb',
  '.sh',
  '/index.js',
  '/index.ts',
  '/__init__.py',
  '/__main__.py',
]

function filesNamed(text: string, folder: string, checkout: Checkout): readonly string[] {
  const words = new Set(
    wordsOf(text).flatMap((word) => [word, word.slice(word.indexOf('=') + 1), ...moduleFiles(word)]),
  )
  const paths = [...words].flatMap((word) => [resolveIn(folder, word), resolveIn('', word)])
  return [...new Set(paths)]
    .flatMap((path) => (path === undefined || path === '' ? [] : ENDINGS.map((ending) => `${path}${ending}`)))
    .filter((path) => checkout.kind(path) === 'file')
}

/** `pkg.check` is `pkg/check.py`, and to start it Python reads `pkg/__init__.py`. */
export function moduleFiles(word: string): readonly string[] {
  if (!/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(word)) return []
  const parts = word.split('.')
  const parents = parts.slice(1).map((_, i) => `${parts.slice(0, i + 1).join('/')}/__init__`)
  return [parts.join('/'), ...parents].flatMap((path) => [path, `src/${path}`])
}

/** What a file names in turn: undefined where it is no program, null where that cannot be known. */
function followed(path: string, checkout: Checkout): string | null | undefined {
  const shell = shellText(path, checkout)
  if (shell !== undefined) return shell
  const text = checkout.text(path)
  const loads = text === undefined ? null : loadedNames(path, text)
  if (loads?.is === 'no-program') return undefined
  return loads?.is === 'names' ? loads.names.join('\n') : null
}

function shellText(path: string, checkout: Checkout): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.includes('.') && !/\.(?:sh|bash|dash|ksh|zsh|mk)$/.test(name)) return undefined
  const text = checkout.text(path)
  return name.includes('.') || /^#!.*\b(?:sh|bash|dash|ksh|zsh|env)\b/.test(text ?? '') ? text : undefined
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

/** Rules of make and just: a line that names targets, what they need, and the indented lines below. */
function rules(text: string): readonly Section[] {
  const sections: { names: readonly string[]; lines: string[] }[] = [{ names: [''], lines: [] }]
  for (const line of text.split('\n')) {
    const head = /^([^\s#:=][^:=]*):(?!=)(.*)$/.exec(line)
    if (head !== null) sections.push({ names: (head[1] ?? '').trim().split(/\s+/), lines: [head[2] ?? ''] })
    else if (/^\s/.test(line)) sections.at(-1)?.lines.push(line)
    else if (/^-?include\b/.test(line)) sections[0]?.lines.push(line)
  }
  return sections.flatMap(({ names, lines }) => names.map((name) => ({ name, text: lines.join('\n') })))
}

function memberTexts(text: string, member: string): readonly Section[] {
  const value = parseJson(text)
  const members = isObject(value) ? value[member] : undefined
  if (!isObject(members)) return []
  return Object.entries(members).map(([name, command]) => ({ name, text: JSON.stringify(command) }))
}
