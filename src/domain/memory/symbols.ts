import { languageOf } from './languages.ts'

/** A name that a file defines, and the line where it does. */
export type Definition = { readonly name: string; readonly line: number }

const MOST = 400
const LONGEST_LINE = 200
const LONGEST_NAME = 100

/** What a source file defines, found line by line with one light pattern a language: no parser, and bounded in all it does. */
export function definitionsIn(path: string, text: string): readonly Definition[] {
  const patterns = PATTERNS.get(languageOf(path) ?? '')
  if (patterns === undefined) return []
  const found: Definition[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const name = line.length > LONGEST_LINE ? undefined : nameIn(line, patterns)
    if (name !== undefined) found.push({ name, line: index + 1 })
    if (found.length === MOST) break
  }
  return found
}

function nameIn(line: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const name = pattern.exec(line)?.[1]
    if (name !== undefined && name.length <= LONGEST_NAME && !KEYWORDS.has(name)) return name
  }
  return undefined
}

const KEYWORDS: ReadonlySet<string> = new Set(
  'if for while switch catch return function else do try with new delete typeof await sizeof defined match loop unless until case when'.split(
    ' ',
  ),
)

const SCRIPT = [
  /^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\s*\*?|class|interface|type|enum|namespace)\s+([\w$]+)/,
  /^(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*[=:]/,
  /^\s*(?:module\.)?exports\.([\w$]+)\s*=/,
  /^\s*[\w$]+(?:\.prototype)?\.([\w$]+)\s*=\s*(?:async\s+)?(?:function|\()/,
  /^\s{1,8}(?:(?:public|private|protected|static|async|get|set|override|readonly)\s+)*\*?([\w$]+)\s*\([^;]*\)\s*(?::[^;]+)?\{\s*$/,
]

const C_LIKE = [
  /^\s*(?:typedef\s+)?(?:class|struct|union|enum(?:\s+class)?|namespace)\s+(?:[A-Z_]+\s+)?(\w+)\s*[:{]?/,
  /^#\s*define\s+(\w+)/,
  /^[A-Za-z_][\w\s*&:<>,~]*?[\s*&](?:\w+::)*(~?\w+)\s*\([^;]*$/,
]

const JVM = [
  /^\s*(?:(?:public|private|protected|internal|static|final|abstract|sealed|data|open|override|inline|suspend|partial|readonly|async|virtual)\s+)*(?:class|interface|enum|record|@interface|object|trait|struct|fun|def|namespace)\s+(?:<[^>]*>\s*)?([\w$]+)/,
  /^\s+(?:(?:public|private|protected|internal|static|final|abstract|synchronized|native|default|override|virtual|async|sealed)\s+)+(?:<[^>]*>\s*)?[\w$<>[\],.?\s]+?\s([\w$]+)\s*\([^;]*$/,
]

const PATTERNS: ReadonlyMap<string, readonly RegExp[]> = new Map([
  ['JavaScript', SCRIPT],
  ['TypeScript', SCRIPT],
  ['Vue', SCRIPT],
  ['Svelte', SCRIPT],
  ['Python', [/^\s*(?:async\s+)?(?:def|class)\s+(\w+)/, /^([A-Za-z_]\w*)\s*(?::[^=]+)?=\s*\S/]],
  [
    'Go',
    [
      /^func\s+(?:\([^)]*\)\s*)?(\w+)/,
      /^type\s+(\w+)/,
      /^(?:var|const)\s+(\w+)/,
      /^\t([A-Z]\w*)\s+(?:=|[A-Za-z*[\]]+\s*=)/,
    ],
  ],
  [
    'Rust',
    [
      /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:default\s+)?(?:const\s+)?(?:async\s+)?(?:unsafe\s+)?(?:extern\s+"[^"]*"\s+)?(?:fn|struct|enum|trait|mod|type|union|static|const)\s+(\w+)/,
      /^\s*macro_rules!\s+(\w+)/,
    ],
  ],
  ['Java', JVM],
  ['Kotlin', JVM],
  ['Scala', JVM],
  ['Groovy', JVM],
  ['C#', JVM],
  ['Ruby', [/^\s*(?:def|class|module)\s+(?:self\.)?(?:\w+::)*(\w+[?!=]?)/, /^\s*([A-Z][A-Z0-9_]*)\s*=/]],
  [
    'PHP',
    [/^\s*(?:(?:public|private|protected|static|final|abstract)\s+)*(?:function|class|interface|trait|enum)\s+&?(\w+)/],
  ],
  ['C', C_LIKE],
  ['C++', C_LIKE],
  ['Objective-C', C_LIKE],
  [
    'Swift',
    [
      /^\s*(?:(?:public|private|internal|open|final|static|override|fileprivate|mutating)\s+)*(?:func|class|struct|enum|protocol|extension|actor)\s+(\w+)/,
    ],
  ],
  ['Dart', [/^\s*(?:abstract\s+)?(?:class|mixin|enum|extension|typedef)\s+(\w+)/]],
  ['Elixir', [/^\s*(?:def|defp|defmodule|defmacro|defprotocol)\s+([\w.]+[?!]?)/]],
  ['Lua', [/^\s*(?:local\s+)?function\s+(?:\w+[.:])*(\w+)/]],
  ['Perl', [/^\s*(?:sub|package)\s+([\w:]+)/]],
  ['Shell', [/^\s*(?:function\s+)?([\w-]+)\s*\(\)\s*\{?/]],
  ['SQL', [/^\s*create\s+(?:or\s+replace\s+)?(?:table|view|function|index|type)\s+(?:if\s+not\s+exists\s+)?([\w.]+)/i]],
  ['Make', [/^([A-Za-z0-9_.-]+)\s*:(?!=)/]],
  ['Protocol Buffers', [/^\s*(?:message|service|enum|rpc)\s+(\w+)/]],
])
