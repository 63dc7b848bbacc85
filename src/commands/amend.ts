import { ok, type Result, refuse } from '../domain/result.ts'
import { faultInValue, startsLikeFlag, textOf } from './parse-text.ts'
import type { Call, Command, SlashCommand } from './slash-command.ts'

export const amend: SlashCommand = {
  name: 'amend',
  usage: '/agentos amend TEXT | --from-review [ID] | --set NAME=VALUE',
  role: 'amend',
  summary: 'Change the request: the plan and its approvals are void, and planning starts again.',
  parse: parseAmend,
}

type Amend = Extract<Command, { name: 'amend' }>
type Flags = { review: Amend['review']; readonly params: Map<string, string>; left: string }

/** Everything but the review to take in and values for the recipe is text, which can only say what is wanted. */
function parseAmend({ rest, below }: Call): Result<Command, string> {
  const flags: Flags = { review: null, params: new Map(), left: rest.trim() }
  while (startsLikeFlag(flags.left)) {
    const fault = takeFlag(flags)
    if (fault !== undefined) return refuse(fault)
  }
  const { review, params, left } = flags
  const text = textOf(left, below)
  if (text === null && review === null && params.size === 0)
    return refuse('there is nothing to amend: write what should be different behind the command')
  return ok({ name: 'amend', text, review, params })
}

const REVIEW = /^--from-review(?:(?:=|[ \t]+)([1-9][0-9]{0,19}))?(?=[ \t]|$)/
const SET = /^--set(?:=|[ \t]+)([a-z][a-z0-9_]{0,63})=('[^']*'|"[^"\\]*"|[^ \t'"]+)(?=[ \t]|$)/

/** Takes one flag off the front of the line, or says what is wrong with it. */
function takeFlag(flags: Flags): string | undefined {
  const review = REVIEW.exec(flags.left)
  if (review !== null) return takeReview(flags, review[0], review[1] ?? null)
  const set = SET.exec(flags.left)
  const [taken, name, value] = set ?? []
  if (taken === undefined || name === undefined || value === undefined)
    return '`amend` knows `--from-review [ID]` and `--set NAME=VALUE`, and no other flag'
  if (flags.params.has(name)) return `${name} is set twice`
  const plain = value.replace(/^(['"])([^]*)\1$/, '$2')
  flags.params.set(name, plain)
  flags.left = flags.left.slice(taken.length).trimStart()
  return faultInValue(name, plain)
}

function takeReview(flags: Flags, taken: string, id: string | null): string | undefined {
  if (flags.review !== null) return '--from-review is given twice'
  flags.review = { id }
  flags.left = flags.left.slice(taken.length).trimStart()
  return undefined
}
