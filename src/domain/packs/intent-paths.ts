/** A path or glob that a text names in so many words, with its place in the line. */
export type NamedPath = { readonly path: string; readonly at: number; readonly length: number }

/** What of a line is surely a path: in doubt it is a word. */
export function pathsNamed(line: string): readonly NamedPath[] {
  const named: NamedPath[] = []
  if (!POSSIBLE.test(line)) return named
  WORD.lastIndex = 0
  for (let found = WORD.exec(line); found !== null; found = WORD.exec(line)) {
    const path = pathAt(line, found[0], found.index)
    if (path !== undefined) named.push(path)
  }
  return named
}

function pathAt(line: string, word: string, at: number): NamedPath | undefined {
  if (isBehindAddress(line, at) || line.startsWith('://', at + word.length)) return undefined
  const isPart = STRANGE.test(line.charAt(at - 1)) || STRANGE.test(line.charAt(at + word.length))
  if (isPart) return undefined
  const bare = word.endsWith('.') ? word.replace(/(?<!\.)\.+$/, '') : word
  const path = bare.startsWith('./') ? bare.slice(2) : bare
  const isMarked = line[at - 1] === '`' && line[at + word.length] === '`'
  return isPath(path, isMarked) ? { path, at: at + bare.length - path.length, length: path.length } : undefined
}

function isBehindAddress(line: string, at: number): boolean {
  return at > 0 && /[:/]\/$|www\.$/.test(line.slice(Math.max(0, at - 4), at))
}

/** A sign that people do not end a word with may be one of its letters in disguise: what stands beside it is a part. */
const STRANGE =
  /[^\s!-~\u00ab\u00bb\u2013\u2014\u2018-\u201f\u2026\u3001-\u3003\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]/
const WORD = /[\p{L}\p{N}_.*@~+/-]+/gu

function isPath(word: string, isMarked: boolean): boolean {
  if (word.length > 300 || word.startsWith('@') || word.startsWith('/') || word.includes('//')) return false
  if (!word.includes('/')) return isFileName(word)
  const parts = (word.endsWith('/') ? word.slice(0, -1) : word).split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return false
  return isLongPath(word, parts, isMarked)
}

function isFileName(word: string): boolean {
  if (NAMES.has(word) || DOT_FILE.test(word)) return true
  if (/^(?:node|vue|next|nuxt|three|express|react|deno|d3|chart|moment|socket)\.(?:js|ts|io)$/i.test(word)) return false
  return EXTENSION.test(word)
}

function isLongPath(word: string, parts: readonly string[], isMarked: boolean): boolean {
  if (word.includes('*') || word.endsWith('/')) return true
  const [first = ''] = parts
  const last = parts.at(-1) ?? ''
  return isMarked || FOLDERS.has(first) || /.\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(last) || isFileName(last)
}

const NAMES: ReadonlySet<string> = new Set([
  'Makefile',
  'GNUmakefile',
  'Dockerfile',
  'CODEOWNERS',
  'LICENSE',
  'NOTICE',
  'Gemfile',
  'Rakefile',
  'Justfile',
  'justfile',
])
/** A line with neither such a sign nor such a name holds no path. */
const POSSIBLE = new RegExp(`[./*]|${[...NAMES].join('|')}`)
const DOT_FILE =
  /^\.(?:git(?:ignore|attributes|modules)|npmrc|nvmrc|editorconfig|env|[a-z]+rc(?:\.[a-z]+)?|[a-z]+ignore)$/
const FOLDERS: ReadonlySet<string> = new Set([
  '.agentos',
  '.github',
  'app',
  'apps',
  'bin',
  'cmd',
  'docs',
  'examples',
  'internal',
  'lib',
  'packages',
  'pkg',
  'scripts',
  'source',
  'spec',
  'src',
  'test',
  'tests',
  'tools',
])
const EXTENSION =
  /^[\p{L}\p{N}_.*@+-]*[\p{L}\p{N}_*]\.(?:bash|c|cc|cfg|conf|cpp|cs|css|csv|go|gradle|h|hpp|html|ini|java|js|json|jsx|kt|less|lock|lua|md|mdx|mjs|cjs|mk|php|proto|ps1|py|rb|rs|rst|scss|sh|sql|svelte|svg|swift|tf|toml|ts|tsx|txt|vue|xml|yaml|yml|zig)$/u
