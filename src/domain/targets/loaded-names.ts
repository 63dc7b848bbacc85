/** What a program may load besides itself, as far as its text says it. */
export type Loads =
  | { readonly is: 'names'; readonly names: readonly string[] }
  /** It loads what its text does not name, or is written in a language that is not read here. */
  | { readonly is: 'unknown' }
  | { readonly is: 'no-program' }

type Reader = (text: string) => Loads

/** By what a file ends in, else by what its first line starts. */
const READERS: readonly (readonly [ending: RegExp, starter: RegExp, read: Reader])[] = [
  [/\.(?:[cm]?[jt]s|[jt]sx)$/, /^#!.*\b(?:node|deno|bun|tsx)\b/, loadedByScript],
  [/\.py$/, /^#!.*\bpython[\d.]*\b/, loadedByPython],
  [/\.(?:rb|pl|pm|php|lua|ps1|awk|tcl|groovy|r|jl|exs?|clj|scm)$/i, /^#!/, () => ({ is: 'unknown' })],
]

/** Every file that a program names as something to load, in the words that it uses. */
export function loadedNames(path: string, text: string): Loads {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const reader = READERS.find(([ending, starter]) => (name.includes('.') ? ending.test(name) : starter.test(text)))
  return reader === undefined ? { is: 'no-program' } : reader[2](text)
}

const UNNAMED_SCRIPT = /\b(?:import|require)\s*\((?!\s*(?:'[^'\n]*'|"[^"\n]*")\s*[,)])|\beval\s*\(|\bnew\s+Function\b/
const QUOTED = /'([^'\n]{1,300})'|"([^"\n]{1,300})"|`([^`\n]{1,300})`/g

/** Each text in quotes may be a module or a file that is read. A compiled name stands for its source. */
function loadedByScript(text: string): Loads {
  if (UNNAMED_SCRIPT.test(text)) return { is: 'unknown' }
  return { is: 'names', names: quoted(text).flatMap((word) => [word, word.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')]) }
}

const UNNAMED_PYTHON = /\b(?:importlib|runpy|imp|pkgutil)\b|\b(?:__import__|exec|eval|execfile)\s*\(/

function loadedByPython(text: string): Loads {
  if (UNNAMED_PYTHON.test(text)) return { is: 'unknown' }
  return { is: 'names', names: [...quoted(text), ...pythonImports(text)] }
}

function quoted(text: string): readonly string[] {
  return [...text.matchAll(QUOTED)].flatMap(([, one, two, three]) => (one ?? two ?? three ?? '').split(/\s+/))
}

const FROM = /^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)/gm
const IMPORT = /^[ \t]*import[ \t]+([^\n]*)/gm

/** A leading dot is the folder that the file is in, each further one the folder above. */
function pythonImports(text: string): readonly string[] {
  const plain = [...text.matchAll(IMPORT)].flatMap(([, names = '']) => modulesIn(names))
  const from = [...text.matchAll(FROM)].flatMap(([, dots = '', module = '', names = '']) => {
    const inside = modulesIn(names).map((name) => (module === '' ? name : `${module}.${name}`))
    const modules = [module, ...inside].filter((one) => one !== '')
    if (dots === '') return modules
    return ['__init__', ...modules].map((one) => `${'../'.repeat(dots.length - 1)}${one.replaceAll('.', '/')}`)
  })
  return [...plain, ...from]
}

function modulesIn(names: string): readonly string[] {
  return names.match(/[A-Za-z_][\w.]*/g) ?? []
}
