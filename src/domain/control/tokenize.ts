import { ok, type Result, refuse } from '../result.ts'
import { isPrintable } from './words.ts'

/**
 * Splits command text into the words that bash would read, or refuses it. Accepted is only text that is nothing but
 * literal words: no expansion, operator, assignment, reserved word, comment or control character.
 */
export function tokenize(text: string): Result<readonly string[], string> {
  if (text.length > MAX_LENGTH) return refuse(`is longer than ${MAX_LENGTH} characters`)
  if (!isPrintable(text.replaceAll('\t', ' '))) return refuse('holds a control or hidden character')
  const words: string[] = []
  let at = skipBlanks(text, 0)
  while (at < text.length) {
    const word = readWord(text, at)
    if (!word.ok) return word
    if (words.length === 0 && isSpecial(word.value.raw))
      return refuse(`begins with ${word.value.raw}, which is no program`)
    words.push(word.value.literal)
    at = skipBlanks(text, word.value.end)
  }
  return words.length === 0 ? refuse('is empty') : ok(words)
}

const MAX_LENGTH = 32_768
const RESERVED = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
)

/** As a first word these are an assignment, a job or a keyword; quoting them makes them plain again, for bash too. */
function isSpecial(raw: string): boolean {
  return RESERVED.has(raw) || raw.startsWith('%') || /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(raw)
}

type ReadWord = { readonly raw: string; readonly literal: string; readonly end: number }
type Part = { readonly literal: string; readonly end: number }

function readWord(text: string, start: number): Result<ReadWord, string> {
  let literal = ''
  let at = start
  while (at < text.length && !isBlank(text[at])) {
    const part = readPart(text, at)
    if (!part.ok) return part
    literal += part.value.literal
    at = part.value.end
  }
  return ok({ raw: text.slice(start, at), literal, end: at })
}

function readPart(text: string, at: number): Result<Part, string> {
  const character = text.charAt(at)
  if (character === "'") return readSingle(text, at + 1)
  if (character === '"') return readDouble(text, at + 1)
  if (character === '\\') {
    const escaped = text.codePointAt(at + 1)
    if (escaped === undefined) return refuse('ends in a backslash')
    const literal = String.fromCodePoint(escaped)
    return ok({ literal, end: at + 1 + literal.length })
  }
  if (/[A-Za-z0-9_./:@%+,=^-]/.test(character) || isForeign(character)) return ok({ literal: character, end: at + 1 })
  return refuse(`has an unquoted ${character}, which the shell would not read as it stands`)
}

function readSingle(text: string, start: number): Result<Part, string> {
  const end = text.indexOf("'", start)
  return end < 0 ? refuse("has a ' that is not closed") : ok({ literal: text.slice(start, end), end: end + 1 })
}

function readDouble(text: string, start: number): Result<Part, string> {
  let literal = ''
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '"') return ok({ literal, end: at + 1 })
    if (character === '$' || character === '`') return refuse(`has a ${character} between double quotes`)
    const isEscape = character === '\\' && /["\\$`]/.test(text.charAt(at + 1))
    if (isEscape) at += 1
    literal += text.charAt(at)
  }
  return refuse('has a " that is not closed')
}

/** Letters and signs beyond ASCII; other kinds of space are refused, because nobody can see what they separate. */
function isForeign(character: string): boolean {
  return character > '\u007f' && !/\p{Z}/u.test(character)
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}

function skipBlanks(text: string, start: number): number {
  let at = start
  while (isBlank(text[at])) at += 1
  return at
}
