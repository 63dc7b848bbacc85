import { ok, type Result, refuse } from '../domain/result.ts'
import { startsLikeFlag, textOf } from './parse-text.ts'
import type { Call, Command, SlashCommand } from './slash-command.ts'

export const amend: SlashCommand = {
  name: 'amend',
  usage: '/agentos amend TEXT | --from-review [ID] | --set NAME=VALUE',
  role: 'amend',
  summary: 'Change the request: the plan and its approvals are void, and planning starts again.',
  parse: parseAmend,
}

/** Everything but the review to take in and values for the recipe is text, which can only say what is wanted. */
function parseAmend({ rest, below }: Call): Result<Command, string> {
  const params = new Map<string, string>()
  let review: { readonly id: string | null } | null = null
  let left = rest.trim()
  while (startsLikeFlag(left)) {
    const named = /^--from-review(?:(?:=|[ \t]+)([1-9][0-9]{0,19}))?(?=[ \t]|$)/.exec(left)
    const set = /^--set(?:=|[ \t]+)([a-z][a-z0-9_]{0,63})=(?:'([^']*)'|"([^"\\]*)"|([^ \t'"]+))(?=[ \t]|$)/.exec(left)
    const [taken] = named ?? set ?? []
    if (taken === undefined)
      return refuse('`amend` knows `--from-review [ID]` and `--set NAME=VALUE`, and no other flag')
    if (named !== null && review !== null) return refuse('--from-review is given twice')
    if (named !== null) review = { id: named[1] ?? null }
    const [, name = '', single, double, bare] = set ?? []
    if (set !== null && params.has(name)) return refuse(`${name} is set twice`)
    if (set !== null) params.set(name, single ?? double ?? bare ?? '')
    left = left.slice(taken.length).trimStart()
  }
  const text = textOf(left, below)
  if (text === null && review === null && params.size === 0)
    return refuse('there is nothing to amend: write what should be different behind the command')
  return ok({ name: 'amend', text, review, params })
}
