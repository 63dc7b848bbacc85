import { ok, type Result, refuse } from '../result.ts'
import type { CommandGrammar, CommandRule, Operand, ValueOption } from './command-rule.ts'
import { quote } from './quote.ts'
import { type Place, wordFault } from './word-fault.ts'

/** The words after a rule's program and subcommand, or `undefined` where the rule speaks of another command. */
export function wordsUnder(rule: CommandRule, words: readonly string[]): readonly string[] | undefined {
  const rest = rule.decision === 'deny' ? words.filter((word) => !word.startsWith('-')) : afterGlobals(rule, words)
  const isNamed = rule.subcommand.every((word, i) => rest[i] === word)
  return isNamed ? rest.slice(rule.subcommand.length) : undefined
}

/** Reads words by a rule's grammar: every option is one it lists, in full, and every operand has its place. */
export function matchGrammar(rule: CommandGrammar, words: readonly string[], place: Place): Result<null, string> {
  const split = splitWords(rule, words, place)
  if (!split.ok) return split
  const fault =
    operandsFault(rule.operands, split.value.operands, place) ??
    (split.value.after === undefined ? undefined : operandsFault(rule.afterDashes ?? [], split.value.after, place))
  return fault === undefined ? ok(null) : refuse(fault)
}

function afterGlobals(rule: CommandGrammar, words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !rule.globals.includes(word))
  return first < 0 ? [] : words.slice(first)
}

type Split = { readonly operands: readonly string[]; readonly after: readonly string[] | undefined }

function splitWords(rule: CommandGrammar, words: readonly string[], place: Place): Result<Split, string> {
  const operands: string[] = []
  let next = 0
  while (next < words.length) {
    const word = words[next] ?? ''
    if (word === '--') return afterDashes(rule, operands, words.slice(next + 1))
    if (!word.startsWith('-')) {
      operands.push(word)
      next += 1
      continue
    }
    const taken = takeOption(rule, word, words[next + 1], place)
    if (!taken.ok) return taken
    next += taken.value
  }
  return ok({ operands, after: undefined })
}

function afterDashes(
  rule: CommandGrammar,
  operands: readonly string[],
  after: readonly string[],
): Result<Split, string> {
  return rule.afterDashes === undefined ? refuse('`--` and what follows it are not allowed') : ok({ operands, after })
}

/** How many words an option takes up. */
function takeOption(
  rule: CommandGrammar,
  word: string,
  next: string | undefined,
  place: Place,
): Result<number, string> {
  if (isFlag(rule, word)) return ok(1)
  for (const option of rule.values) {
    const value = valueOf(option, word, next)
    if (value === undefined) continue
    const fault = wordFault(option.word, value.text, place)
    return fault === undefined ? ok(value.words) : refuse(`${quote(word)}: ${fault}`)
  }
  return refuse(`${quote(word)} is not an option that the rule lists (abbreviations are none)`)
}

function isFlag(rule: CommandGrammar, word: string): boolean {
  if (rule.flags.includes(word)) return true
  if (rule.count && /^-\d{1,9}$/.test(word)) return true
  return rule.bundle && /^-[A-Za-z0-9]{2,32}$/.test(word) && Array.from(word.slice(1)).every(isLetterOf(rule))
}

function isLetterOf(rule: CommandGrammar): (letter: string) => boolean {
  return (letter) => rule.flags.includes(`-${letter}`)
}

type OptionValue = { readonly text: string; readonly words: number }

function valueOf(option: ValueOption, word: string, next: string | undefined): OptionValue | undefined {
  if (option.form !== 'attached' && option.names.includes(word) && next !== undefined) return { text: next, words: 2 }
  if (option.form === 'separate') return undefined
  const prefix = option.names.map(attachedPrefix).find((start) => word.startsWith(start) && word !== start)
  return prefix === undefined ? undefined : { text: word.slice(prefix.length), words: 1 }
}

function attachedPrefix(name: string): string {
  return name.length > 2 ? `${name}=` : name
}

function operandsFault(places: readonly Operand[], words: readonly string[], place: Place): string | undefined {
  for (const [i, word] of words.entries()) {
    const operand = operandAt(places, i)
    if (operand === undefined) return `${quote(word)} is one word too many`
    const fault = wordFault(operand.word, word, place)
    if (fault !== undefined) return fault
  }
  const missing = places[words.length]
  const isComplete = missing === undefined || missing.times === 'maybe' || missing.times === 'any'
  return isComplete ? undefined : `a ${missing.word.is} is missing`
}

function operandAt(places: readonly Operand[], index: number): Operand | undefined {
  const last = places.at(-1)
  return places[index] ?? (last?.times === 'any' || last?.times === 'some' ? last : undefined)
}
