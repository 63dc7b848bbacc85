import { MAX_VALUE, MAX_VALUE_NAME } from '../domain/packs/people.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Call, Command } from './slash-command.ts'

/** A command that stands alone; lines below it (a signature, a thank-you) are not part of it. */
export function parseBare(call: Call, command: Command): Result<Command, string> {
  return call.rest.trim() === '' ? ok(command) : refuse(`\`${command.name}\` takes nothing after it`)
}

/** Free text over one or more lines; `null` where there is none. */
export function textOf(rest: string, below: readonly string[]): string | null {
  const text = [rest, ...below].join('\n').trim()
  return text === '' ? null : text
}

/** Why a value cannot go on record; undefined where it can. */
export function faultInValue(name: string, value: string): string | undefined {
  if (name.length > MAX_VALUE_NAME) return `a name has at most ${MAX_VALUE_NAME} characters`
  return value.length > MAX_VALUE ? `${name} has ${value.length} characters; ${MAX_VALUE} are the most` : undefined
}

/** Also where a phone or word processor made one dash of two. */
export function startsLikeFlag(text: string): boolean {
  return /^\s*(?:--|-?[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D])/.test(text)
}
