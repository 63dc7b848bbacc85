import { Refused } from './exchange.ts'

/** One selected field, with its arguments filled in from the variables. */
export type Field = {
  readonly name: string
  readonly alias: string
  readonly args: Readonly<Record<string, unknown>>
  readonly fields: readonly Field[]
}

export type Operation = { readonly kind: 'query' | 'mutation'; readonly fields: readonly Field[] }

const TOKEN = /\s+|,|#[^\n]*|("(?:[^"\\]|\\.)*")|(\.\.\.|[!$()[\]{}:=@|&])|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)/y

type Tokens = { readonly list: readonly string[]; at: number; readonly variables: Readonly<Record<string, unknown>> }

/** Reads a document of one operation without named fragments or directives: all that this project sends. */
export function readOperation(text: string, variables: Readonly<Record<string, unknown>>): Operation {
  const tokens: Tokens = { list: tokenize(text), at: 0, variables }
  const first = peek(tokens)
  if (first === '{') return { kind: 'query', fields: selection(tokens) }
  if (first !== 'query' && first !== 'mutation') throw unreadable(first)
  tokens.at += 1
  if (peek(tokens) !== '(' && peek(tokens) !== '{') tokens.at += 1
  if (peek(tokens) === '(') skipDeclarations(tokens)
  const fields = selection(tokens)
  if (tokens.at < tokens.list.length) throw unreadable(peek(tokens))
  return { kind: first, fields }
}

function tokenize(text: string): readonly string[] {
  const list: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const found = TOKEN.exec(text)
    if (found === null) throw unreadable(text.charAt(at))
    const token = found.slice(1).find(Boolean)
    if (token !== undefined) list.push(token)
  }
  return list
}

const peek = (tokens: Tokens): string => tokens.list[tokens.at] ?? 'the end'

function take(tokens: Tokens, expected?: string): string {
  const token = peek(tokens)
  if (expected !== undefined && token !== expected) throw unreadable(token)
  tokens.at += 1
  return token
}

function skipDeclarations(tokens: Tokens): void {
  while (take(tokens) !== ')') if (tokens.at >= tokens.list.length) throw unreadable('the end')
}

function selection(tokens: Tokens): readonly Field[] {
  const fields: Field[] = []
  take(tokens, '{')
  while (peek(tokens) !== '}') fields.push(...(peek(tokens) === '...' ? narrowed(tokens) : [field(tokens)]))
  take(tokens, '}')
  return fields
}

/** `... on Blob { … }`: what is asked for is there on the one type that is ever answered. */
function narrowed(tokens: Tokens): readonly Field[] {
  take(tokens, '...')
  take(tokens, 'on')
  name(tokens)
  return selection(tokens)
}

function field(tokens: Tokens): Field {
  const first = name(tokens)
  const renamed = peek(tokens) === ':'
  if (renamed) take(tokens, ':')
  const actual = renamed ? name(tokens) : first
  const args = peek(tokens) === '(' ? pairs(tokens, '(', ')') : {}
  const fields = peek(tokens) === '{' ? selection(tokens) : []
  return { name: actual, alias: first, args, fields }
}

function pairs(tokens: Tokens, open: string, close: string): Readonly<Record<string, unknown>> {
  const entries: [string, unknown][] = []
  take(tokens, open)
  while (peek(tokens) !== close) {
    const key = name(tokens)
    take(tokens, ':')
    entries.push([key, value(tokens)])
  }
  take(tokens, close)
  return Object.fromEntries(entries)
}

function value(tokens: Tokens): unknown {
  const token = peek(tokens)
  if (token === '{') return pairs(tokens, '{', '}')
  if (token === '[') return list(tokens)
  take(tokens)
  if (token === '$') return tokens.variables[name(tokens)]
  if (token.startsWith('"')) return JSON.parse(token)
  if (token === 'true' || token === 'false') return token === 'true'
  if (token === 'null') return null
  return /^-?\d/.test(token) ? Number(token) : token
}

function list(tokens: Tokens): readonly unknown[] {
  const items: unknown[] = []
  take(tokens, '[')
  while (peek(tokens) !== ']') items.push(value(tokens))
  take(tokens, ']')
  return items
}

function name(tokens: Tokens): string {
  const token = take(tokens)
  if (!/^[A-Za-z_]\w*$/.test(token)) throw unreadable(token)
  return token
}

const unreadable = (token: string): Refused => new Refused(400, `Parse error on ${JSON.stringify(token)}`)
