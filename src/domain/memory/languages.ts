/** What a file is written in, by its ending or its name; null for what is no text that people write. */
export function languageOf(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const named = BY_NAME.get(name)
  if (named !== undefined) return named
  const dot = name.lastIndexOf('.')
  return dot < 0 ? null : (BY_ENDING.get(name.slice(dot + 1).toLowerCase()) ?? null)
}

/** Whether a language is one that programs are written in, rather than prose, data or markup. */
export function isProgramming(language: string | null): boolean {
  return language !== null && !OTHER.has(language)
}

const ENDINGS: readonly (readonly [language: string, endings: string])[] = [
  ['JavaScript', 'js jsx mjs cjs'],
  ['TypeScript', 'ts tsx mts cts'],
  ['Python', 'py pyi pyx'],
  ['Go', 'go'],
  ['Rust', 'rs'],
  ['Java', 'java'],
  ['Kotlin', 'kt kts'],
  ['Scala', 'scala sc'],
  ['Groovy', 'groovy gradle'],
  ['Ruby', 'rb rake gemspec ru'],
  ['PHP', 'php'],
  ['C', 'c h'],
  ['C++', 'cc cpp cxx hh hpp hxx ipp'],
  ['C#', 'cs'],
  ['Objective-C', 'm mm'],
  ['Swift', 'swift'],
  ['Dart', 'dart'],
  ['Elixir', 'ex exs'],
  ['Erlang', 'erl hrl'],
  ['Haskell', 'hs'],
  ['Clojure', 'clj cljs cljc'],
  ['Lua', 'lua'],
  ['Perl', 'pl pm t'],
  ['R', 'r'],
  ['Julia', 'jl'],
  ['Zig', 'zig'],
  ['Shell', 'sh bash zsh fish'],
  ['PowerShell', 'ps1 psm1'],
  ['SQL', 'sql'],
  ['Tcl', 'tcl'],
  ['Vue', 'vue'],
  ['Svelte', 'svelte'],
  ['HTML', 'html htm erb haml ejs hbs slim liquid tmpl'],
  ['CSS', 'css scss sass less'],
  ['Markdown', 'md mdx markdown'],
  ['reStructuredText', 'rst'],
  ['Text', 'txt adoc asciidoc rdoc'],
  ['JSON', 'json jsonc json5'],
  ['YAML', 'yml yaml'],
  ['TOML', 'toml'],
  ['XML', 'xml'],
  ['INI', 'ini cfg conf properties'],
  ['Protocol Buffers', 'proto'],
]

const BY_ENDING: ReadonlyMap<string, string> = new Map(
  ENDINGS.flatMap(([language, endings]) => endings.split(' ').map((ending) => [ending, language] as const)),
)

const BY_NAME: ReadonlyMap<string, string> = new Map([
  ['Makefile', 'Make'],
  ['GNUmakefile', 'Make'],
  ['makefile', 'Make'],
  ['Dockerfile', 'Docker'],
  ['Rakefile', 'Ruby'],
  ['Gemfile', 'Ruby'],
  ['justfile', 'Just'],
  ['go.mod', 'Go module'],
  ['Pipfile', 'TOML'],
  ['CMakeLists.txt', 'CMake'],
  ['README', 'Text'],
  ['LICENSE', 'Text'],
  ['CHANGES', 'Text'],
  ['CHANGELOG', 'Text'],
  ['AUTHORS', 'Text'],
])

const OTHER: ReadonlySet<string> = new Set([
  'Markdown',
  'reStructuredText',
  'Text',
  'JSON',
  'YAML',
  'TOML',
  'XML',
  'INI',
  'Go module',
  'HTML',
  'CSS',
])
