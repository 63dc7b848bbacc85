import { fromUtf8 } from './bytes.ts'
import { fromByteString, MalformedPatch } from './patch-reader.ts'

/** A file name taken from a header, as a byte string, and what followed it. */
export type TakenName = { readonly name: string; readonly rest: string }

/** Takes a name that may be quoted as git quotes: `"` and C escapes. An unquoted one ends at a tab. */
export function takeName(text: string, line: number): TakenName {
  if (text.startsWith('"')) return takeQuoted(text, line)
  const tab = text.indexOf('\t')
  return tab === -1 ? { name: text, rest: '' } : { name: text.slice(0, tab), rest: text.slice(tab) }
}

const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r', '"': '"', '\\': '\\' }),
)

function takeQuoted(text: string, line: number): TakenName {
  let name = ''
  let at = 1
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '"') return { name, rest: text.slice(at + 1) }
    const escape = char === '\\' ? unescape(text, at, line) : { char, length: 1 }
    name += escape.char
    at += escape.length
  }
  throw new MalformedPatch(line, 'a quoted name does not end')
}

function unescape(text: string, at: number, line: number): { readonly char: string; readonly length: number } {
  const simple = ESCAPES.get(text.charAt(at + 1))
  if (simple !== undefined) return { char: simple, length: 2 }
  const octal = text.slice(at + 1, at + 4)
  if (!/^[0-3][0-7]{2}$/.test(octal)) throw new MalformedPatch(line, 'a quoted name holds an unknown escape')
  return { char: String.fromCharCode(Number.parseInt(octal, 8)), length: 4 }
}

/** The path that a name's bytes mean. */
export function toPath(name: string, line: number): string {
  if (name === '') throw new MalformedPatch(line, 'a file name is empty')
  if (name.includes('\0')) throw new MalformedPatch(line, 'a file name holds a NUL')
  const path = fromUtf8(fromByteString(name))
  if (path === undefined) throw new MalformedPatch(line, 'a file name is not valid UTF-8')
  return path
}

/** The name without `a/` or `b/`; null for `/dev/null`. */
export function withoutPrefix(name: string, prefix: 'a/' | 'b/', line: number): string | null {
  if (name === '/dev/null') return null
  if (!name.startsWith(prefix)) {
    throw new MalformedPatch(line, `a file name must begin with ${prefix} (make the patch with git's default prefixes)`)
  }
  return name.slice(prefix.length)
}

/** Whether `a/from b/to` is one way to read what follows `diff --git `. */
export function isGitPair(text: string, from: string, to: string): boolean {
  const afterFrom = without(text, `a/${from}`)
  return afterFrom !== undefined && afterFrom.startsWith(' ') && without(afterFrom.slice(1), `b/${to}`) === ''
}

function without(text: string, name: string): string | undefined {
  if (text.startsWith('"')) {
    const taken = takeQuoted(text, 0)
    return taken.name === name ? taken.rest : undefined
  }
  return text.startsWith(name) ? text.slice(name.length) : undefined
}

/** The one name that both halves of `diff --git a/X b/X` share; undefined when they differ. */
export function commonGitName(text: string, line: number): string | undefined {
  const name = text.startsWith('"') ? takeQuoted(text, line).name.slice(2) : text.slice(2, (text.length - 1) / 2)
  return isGitPair(text, name, name) ? name : undefined
}
