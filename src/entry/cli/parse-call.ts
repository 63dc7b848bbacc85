import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type CliCommand, flag, type Given, WrongUsage } from './command.ts'

/** Reads a command's own words: only options that it has, each at most once. */
export function parseCall(args: readonly string[], { options }: Pick<CliCommand, 'options'>): Given {
  const { tokens } = parse({
    args: [...args],
    options: { ...options, json: flag },
    allowPositionals: true,
    strict: true,
    tokens: true,
  })
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? null
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token] : []))
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []))
  const twice = given.find(({ name }, i) => given.findIndex((other) => other.name === name) !== i)
  if (twice !== undefined) throw new WrongUsage(`--${twice.name} is given twice`)
  return {
    flags: new Map(given.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]))),
    switches: new Set(given.flatMap(({ name, value }) => (value === undefined ? [name] : []))),
    words: words.filter(({ index }) => end === null || index < end).map(({ value }) => value),
    rest: end === null ? null : words.filter(({ index }) => index > end).map(({ value }) => value),
  }
}

function parse<T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config)
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new WrongUsage(error.message, { cause: error })
    throw error
  }
}
