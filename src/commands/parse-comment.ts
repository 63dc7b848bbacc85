import { slashCommands } from './index.ts'
import { nearest } from './nearest.ts'
import type { Command, SlashCommand } from './slash-command.ts'

export type ParsedComment =
  /** Nobody spoke to AgentOS: it stays silent. */
  | { readonly is: 'none' }
  | { readonly is: 'command'; readonly command: Command }
  | {
      readonly is: 'refused'
      readonly reason: string
      /** The command that was probably meant. */
      readonly suggestion: string | null
      readonly usage: string
    }

/**
 * Reads the command of a comment. Its first line that is not empty must begin with `/agentos`, so quotes, code, HTML
 * comments and prose that mention a command are none.
 */
export function parseComment(body: string): ParsedComment {
  const lines = body.split(/\r\n|\n|\r/)
  const first = lines.findIndex((line) => line.trim() !== '')
  const call = /^\/agentos(?:[ \t]+([^ \t]*)(.*))?$/s.exec((lines[first] ?? '').trimEnd())
  if (call === null) return { is: 'none' }
  const [, verb = '', rest = ''] = call
  const below = lines.slice(first + 1)
  if (body.length > MAX_LENGTH) return refused(`the comment is longer than ${MAX_LENGTH} characters`)
  const command = slashCommands.find(({ name }) => PLAIN_VERB.test(verb) && name === verb.toLowerCase())
  if (command === undefined) return unknownVerb(verb)
  if (hasSecondCommand(below)) return refused('there is more than one command: write one comment for each', command)
  const parsed = command.parse({ rest, below })
  return parsed.ok ? { is: 'command', command: parsed.value } : refused(parsed.refusal, command)
}

const MAX_LENGTH = 65_536
/** A letter of another script may have one of these as its small form: it is no letter of a command. */
const PLAIN_VERB = /^[A-Za-z-]+$/

/** What people look for here and find in a review: it is told where it is, and not taken for another word. */
const APPROVE = 'approve'

function unknownVerb(verb: string): ParsedComment {
  if (verb === '') return refused('`/agentos` names no command')
  const name = nearest(verb, [APPROVE, ...slashCommands.map((command) => command.name)])
  if (name === APPROVE)
    return refused('a plan is approved by an approving review of its pull request, not by a comment')
  const shown = /^[A-Za-z-]{1,30}$/.test(verb) ? `\`/agentos ${verb}\`` : 'such command'
  return { ...refused(`there is no ${shown}`), suggestion: name === undefined ? null : `/agentos ${name}` }
}

function refused(reason: string, command?: SlashCommand) {
  const usage = command?.usage ?? slashCommands.map(({ usage }) => usage.split('\n')[0] ?? usage).join('\n')
  return { is: 'refused', reason, suggestion: null, usage } as const
}

/** A line below that would itself be a command; in a code block it is only text. */
function hasSecondCommand(below: readonly string[]): boolean {
  let fence: string | undefined
  for (const line of below) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined && /^\/agentos(?:[ \t]|$)/.test(line)) return true
    if (fence === undefined) fence = mark
    else if (mark !== undefined && mark.startsWith(fence) && line.trim() === mark) fence = undefined
  }
  return false
}
