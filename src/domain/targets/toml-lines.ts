/** One `key = value` of a TOML file under the name of its table; a list keeps its strings, other values their text. */
export type TomlEntry = {
  readonly table: string
  /** Counts the tables of the file, so that each `[[test]]` is one of its own. */
  readonly nth: number
  readonly key: string
  readonly text: string
  readonly strings: readonly string[]
}

const TABLE = /^\s*\[\[?([^\]]+)\]\]?\s*(?:#.*)?$/
const ENTRY = /^\s*([A-Za-z0-9_."'-]+)\s*=\s*(.*)$/

/** Reads what manifests of tools use of TOML: tables, dotted keys, strings, lists of strings, inline tables as text. */
export function readToml(text: string): readonly TomlEntry[] {
  const entries: TomlEntry[] = []
  let table = ''
  let nth = 0
  for (const line of wholeLines(text)) {
    const header = TABLE.exec(line)?.[1]
    if (header !== undefined) {
      table = plainKey(header)
      nth += 1
      continue
    }
    const [, key, value = ''] = ENTRY.exec(line) ?? []
    if (key !== undefined) entries.push({ table, nth, key: plainKey(key), text: value, strings: stringsIn(value) })
  }
  return entries
}

/** Joins a list that is written over several lines. */
function wholeLines(text: string): readonly string[] {
  const lines: string[] = []
  let open = ''
  let depth = 0
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.length > 20_000 ? '' : withoutComment(raw)
    open = open === '' ? line : `${open} ${line}`
    depth += depthOf(line)
    if (depth > 0 && (open === line ? line.includes('=') : open.length <= 200_000)) continue
    lines.push(open)
    open = ''
    depth = 0
  }
  return open === '' ? lines : [...lines, open]
}

/** A string that does not end takes the rest of the line, so that nothing is looked through twice. */
const QUOTED = /"(?:[^"\\]|\\.)*(?:"|\\|$)|'[^']*(?:'|$)/g

function withoutComment(line: string): string {
  const quoted = line.replace(QUOTED, (word) => 'x'.repeat(word.length))
  const at = quoted.indexOf('#')
  return at < 0 ? line : line.slice(0, at)
}

function depthOf(line: string): number {
  const bare = line.replace(QUOTED, '')
  return bare.replace(/[^[]/g, '').length - bare.replace(/[^\]]/g, '').length
}

function plainKey(key: string): string {
  return key
    .split('.')
    .map((part) => part.trim().replace(/^["']|["']$/g, ''))
    .join('.')
}

function stringsIn(value: string): readonly string[] {
  return [...value.matchAll(QUOTED)].flatMap(([word]) =>
    word.length > 1 && word.endsWith(word.charAt(0)) ? [word.slice(1, -1)] : [],
  )
}
