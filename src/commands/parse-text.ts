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

/** Also where a phone or word processor made one dash of two. */
export function startsLikeFlag(text: string): boolean {
  return /^\s*(?:--|[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D])/.test(text)
}
