import { ok, type Result, refuse } from '../domain/result.ts'
import { faultInValue, startsLikeFlag } from './parse-text.ts'

export type Flags = {
  readonly flags: ReadonlyMap<string, string>
  /** The `key=value` words that follow `--recipe NAME`. */
  readonly params: ReadonlyMap<string, string>
  readonly text: string
}

/** Reads `--name value` flags of a closed list, then takes what is left of the line as text. */
export function readFlags(line: string, names: readonly string[]): Result<Flags, string> {
  const flags = new Map<string, string>()
  const params = new Map<string, string>()
  let text = line.trimStart()
  while (startsLikeFlag(text)) {
    const flag = readFlag(text, names)
    if (!flag.ok) return flag
    const { name, value, rest } = flag.value
    if (flags.has(name)) return refuse(`--${name} is given twice`)
    flags.set(name, value)
    const below = name === 'recipe' ? readParams(rest, params) : ok(rest)
    if (!below.ok) return below
    text = below.value
  }
  return ok({ flags, params, text })
}

type Flag = { readonly name: string; readonly value: string; readonly rest: string }

function readFlag(text: string, names: readonly string[]): Result<Flag, string> {
  const known = names.map((name) => `--${name}`).join(', ')
  const match = /^--([a-z]+)(?:=|[ \t]+|$)/.exec(text)
  if (match === null) return refuse(`this begins like a flag but is none; flags are ${known}`)
  const [taken, name = ''] = match
  if (!names.includes(name)) return refuse(`there is no flag --${name}; flags are ${known}`)
  const value = /^#?[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?=[ \t]|$)/.exec(text.slice(taken.length))?.[0]
  if (value === undefined) return refuse(`--${name} needs a plain value after it`)
  return ok({ name, value, rest: text.slice(taken.length + value.length).trimStart() })
}

/** Collects `key=value` words into `params` and gives back what follows them. */
function readParams(text: string, params: Map<string, string>): Result<string, string> {
  let rest = text
  for (;;) {
    const key = /^([a-z][a-z0-9_]*)=/.exec(rest)
    if (key === null) return ok(rest)
    const [taken, name = ''] = key
    if (params.has(name)) return refuse(`${name} is given twice`)
    const value = readValue(rest.slice(taken.length))
    if (!value.ok) return refuse(`${name.slice(0, 64)}: ${value.refusal}`)
    const fault = faultInValue(name, value.value.text)
    if (fault !== undefined) return refuse(fault)
    params.set(name, value.value.text)
    rest = value.value.rest.trimStart()
  }
}

type Value = { readonly text: string; readonly rest: string }

/** `'as it is'`, `"with \" \\ \n \t"`, or one bare word. */
function readValue(text: string): Result<Value, string> {
  if (/^[\u2018-\u201F\u00AB\u00BB]/.test(text)) return refuse('has typographic quotes; use " or \'')
  const quoted = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")(?=[ \t]|$)/.exec(text)
  if (quoted !== null) {
    const [taken, single, double = ''] = quoted
    return ok({ text: single ?? double.replaceAll(/\\(.)/g, unescaped), rest: text.slice(taken.length) })
  }
  if (/^['"]/.test(text)) return refuse('has a quote that is not closed, or text right after it')
  const bare = /^[^ \t]*/.exec(text)?.[0] ?? ''
  return ok({ text: bare, rest: text.slice(bare.length) })
}

function unescaped(_: string, letter: string): string {
  if (letter === 'n') return '\n'
  return letter === 't' ? '\t' : letter
}
