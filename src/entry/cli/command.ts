import type { ParseArgsConfig } from 'node:util'
import type { Stop } from '../local/stop.ts'

/** The exit codes that a command can end with. */
export type ExitCode = 0 | Stop['exit']

export const EXITS: { readonly [E in ExitCode]: string } = {
  0: 'done, allowed or valid',
  1: 'the work or the check failed',
  2: 'wrong usage or malformed input',
  3: 'refused by a rule',
  4: 'people are needed',
  5: 'a part that is needed is not there',
}

/** How a command ended: what `--json` prints as its one line, and what people read. */
export type Ending = {
  readonly exit: number
  readonly json: unknown
  /** For people: on stdout where all is well, on stderr otherwise. */
  readonly text: string
  /** A result that goes to stdout as it is, where no `--json` is given. */
  readonly raw?: string | Uint8Array
  /** For people, on stderr in every case. */
  readonly note?: string
}

/** What was given on the command line, after its options were found to be known ones. */
export type Given = {
  /** Everything behind the command's name, as it came. */
  readonly args: readonly string[]
  readonly flags: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
  /** Words before `--`. */
  readonly words: readonly string[]
  /** Words behind `--`; null where there is no `--`. */
  readonly rest: readonly string[] | null
}

export type CliCommand = {
  readonly usage: string
  readonly summary: string
  readonly exits: readonly ExitCode[]
  readonly options: NonNullable<ParseArgsConfig['options']>
  readonly run: (given: Given) => Promise<Ending>
}

/** A command by its name, loaded when it is needed. */
export type ListedCommand = { readonly name: string; readonly load: () => Promise<CliCommand> }

/** The command line cannot be understood: exit 2, with the usage. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}

export const text = { type: 'string' } as const
export const flag = { type: 'boolean' } as const

export function done(json: unknown, people: string): Ending {
  return { exit: 0, json, text: people }
}

/** The result of a check, on stdout whatever it says. */
export function answered(exit: ExitCode, json: unknown, people: string): Ending {
  return { exit, json, raw: `${people}\n`, text: '' }
}

/** `after` is what people read behind the steps that were tried: how everything stands now. */
export function stopped({ exit, rule, because, next }: Stop, log: string = '', after: string = ''): Ending {
  const said = [log, `${because} [${rule}]`, after, `Next: ${next}`].filter((line) => line !== '')
  return { exit, json: { error: { exit, rule, because, next } }, text: said.join('\n') }
}

/** Every answer of this command is on stdout already. */
export function written(exit: number): Ending {
  return { exit, json: undefined, text: '' }
}

export function needed(given: Given, name: string): string {
  const value = given.flags.get(name)
  if (value === undefined || value === '') throw new WrongUsage(`--${name} is missing`)
  return value
}

export function noWords({ words, rest }: Given): void {
  const [odd] = [...words, ...(rest ?? [])]
  if (odd !== undefined) throw new WrongUsage(`${JSON.stringify(odd)} is not expected here`)
}

export function oneWord(given: Given, what: string): string {
  const [word, ...others] = given.words
  if (word === undefined || others.length > 0 || given.rest !== null) throw new WrongUsage(`name exactly one ${what}`)
  return word
}
