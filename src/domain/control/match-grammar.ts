import { ok, type Result, refuse } from '../result.ts'
import type { CommandGrammar, CommandRule, Operand, ValueOption, Word } from './command-rule.ts'
import { quote } from './quote.ts'
import { type Place, placeUnder, wordFault } from './word-fault.ts'

/** The words after a rule's program and subcommand, or `undefined` where the rule speaks of another command. */
export function wordsUnder(rule: CommandRule, words: readonly string[]): readonly string[] | undefined {
  const { placing, rest } =
    rule.decision === 'deny'
      ? { placing: [], rest: words.filter((word) => !word.startsWith('-')) }
      : afterGlobals(rule, words)
  const isNamed = rule.subcommand.every((word, i) => rest[i] === word)
  return isNamed ? [...placing, ...rest.slice(rule.subcommand.length)] : undefined
}

/** Reads words by a rule's grammar: every option is one it lists, in full, and every operand has its place. */
export function matchGrammar(rule: CommandGrammar, words: readonly string[], place: Place): Result<null, string> {
  const split = splitWords(rule, words, place)
  if (!split.ok) return split
  const { operands, after } = split.value
  const read = readOperands(rule.operands, operands, split.value.place)
  if (!read.ok || after === undefined) return read.ok ? ok(null) : read
  const rest = readOperands(rule.afterDashes ?? [], after, read.value)
  return rest.ok ? ok(null) : rest
}

/** Options that say where a command works may stand before its subcommand; they are judged with the others. */
function afterGlobals(rule: CommandGrammar, words: readonly string[]): Placed {
  const placing: string[] = []
  let next = 0
  while (next < words.length) {
    const taken = placingWords(rule, words[next] ?? '', words[next + 1])
    if (taken === 0) break
    if (!rule.globals.includes(words[next] ?? '')) placing.push(...words.slice(next, next + taken))
    next += taken
  }
  return { placing, rest: words.slice(next) }
}

type Placed = { readonly placing: readonly string[]; readonly rest: readonly string[] }

function placingWords(rule: CommandGrammar, word: string, next: string | undefined): number {
  if (rule.globals.includes(word)) return 1
  const placing = rule.values.filter((option) => isPlacing(option.word))
  return placing.map((option) => valueOf(option, word, next)?.words ?? 0).find((taken) => taken > 0) ?? 0
}

function isPlacing(word: Word): boolean {
  return word.is === 'folder' || word.is === 'workspace'
}

type Split = {
  readonly operands: readonly string[]
  readonly after: readonly string[] | undefined
  /** Where the operands are judged. */
  readonly place: Place
}

function splitWords(rule: CommandGrammar, words: readonly string[], place: Place): Result<Split, string> {
  const operands: string[] = []
  let at = place
  let next = 0
  while (next < words.length) {
    const word = words[next] ?? ''
    if (word === '--') return afterDashes(rule, { operands, place: at }, words.slice(next + 1))
    if (!word.startsWith('-')) {
      operands.push(word)
      next += 1
      continue
    }
    const taken = takeOption(rule, word, words[next + 1], at)
    if (!taken.ok) return taken
    next += taken.value.words
    at = taken.value.place
  }
  return ok({ operands, after: undefined, place: at })
}

function afterDashes(
  rule: CommandGrammar,
  before: Omit<Split, 'after'>,
  after: readonly string[],
): Result<Split, string> {
  return rule.afterDashes === undefined ? refuse('`--` and what follows it are not allowed') : ok({ ...before, after })
}

type Taken = { readonly words: number; readonly place: Place }

/** How many words an option takes up, and where the command works from then on. */
function takeOption(rule: CommandGrammar, word: string, next: string | undefined, place: Place): Result<Taken, string> {
  if (isFlag(rule, word)) return ok({ words: 1, place })
  for (const option of rule.values) {
    const value = valueOf(option, word, next)
    if (value === undefined) continue
    const fault = wordFault(option.word, value.text, place)
    if (fault !== undefined) return refuse(`${quote(word)}: ${fault}`)
    return ok({ words: value.words, place: placeUnder(option.word, value.text, place) })
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

/** Where the command works after these operands, or what is wrong with one of them. */
function readOperands(places: readonly Operand[], words: readonly string[], place: Place): Result<Place, string> {
  let at = place
  for (const [i, word] of words.entries()) {
    const operand = operandAt(places, i)
    if (operand === undefined) return refuse(`${quote(word)} is one word too many`)
    const fault = wordFault(operand.word, word, at)
    if (fault !== undefined) return refuse(fault)
    at = placeUnder(operand.word, word, at)
  }
  const missing = places[words.length]
  const isComplete = missing === undefined || missing.times === 'maybe' || missing.times === 'any'
  return isComplete ? ok(at) : refuse(`a ${missing.word.is} is missing`)
}

function operandAt(places: readonly Operand[], index: number): Operand | undefined {
  const last = places.at(-1)
  return places[index] ?? (last?.times === 'any' || last?.times === 'some' ? last : undefined)
}
