import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from '../../commands/nearest.ts'
import { type CliCommand, flag, type Given, WrongUsage } from './command.ts'

type Options = NonNullable<ParseArgsConfig['options']>
type Option = { readonly name: string; readonly value: string | undefined }

/** Reads a command's own words: only options that it has, each at most once. */
export function parseCall(args: readonly string[], { options }: Pick<CliCommand, 'options'>): Given {
  const tokens = parse(args, { ...options, json: flag })
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? null
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token] : []))
  const given = tokens.flatMap((token): Option[] =>
    token.kind === 'option' ? [{ name: token.name, value: token.value }] : [],
  )
  const twice = given.find(({ name }, i) => given.slice(0, i).some((other) => other.name === name))
  if (twice !== undefined) throw new WrongUsage(`--${twice.name} is given twice`)
  return {
    args,
    flags: new Map(given.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]))),
    switches: new Set(given.flatMap(({ name, value }) => (value === undefined ? [name] : []))),
    words: words.filter(({ index }) => end === null || index < end).map(({ value }) => value),
    rest: end === null ? null : words.filter(({ index }) => index > end).map(({ value }) => value),
  }
}

function parse(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true }).tokens
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new WrongUsage(unknownOption(error.message, Object.keys(options)) ?? error.message, { cause: error })
    throw error
  }
}

/** An option that a command lacks, with the one that was meant or all that it has. */
function unknownOption(message: string, names: readonly string[]): string | undefined {
  const [, option] = /^Unknown option '(-{1,2}[^']*)'/.exec(message) ?? []
  if (option === undefined) return undefined
  const near = nearest(option.replace(/^-+/, ''), names)
  const known = names.map((name) => `--${name}`).join(', ')
  return `there is no option ${option}; ${near === undefined ? `there is: ${known}` : `did you mean --${near}?`}`
}
