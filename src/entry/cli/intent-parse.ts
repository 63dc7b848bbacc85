import { parseComment } from '../../commands/parse-comment.ts'
import type { Command } from '../../commands/slash-command.ts'
import { readVisible } from '../../domain/packs/intent-text.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { type CliCommand, done, noWords, WrongUsage } from './command.ts'
import { readInput } from './read-input.ts'

export const intentParse: CliCommand = {
  usage: 'agentos intent parse < text',
  summary: 'Show what of a text a person sees, what is hidden in it, and which command it gives.',
  exits: [0, 2],
  options: {},
  async run(given) {
    noWords(given)
    const said = fromUtf8(await readInput('-'))
    if (said === undefined) throw new WrongUsage('the text is not UTF-8')
    const { visible, hidden } = readVisible(said)
    const parsed = parseComment(said)
    const commands = parsed.is === 'command' ? [toPlain(parsed.command)] : []
    const refused =
      parsed.is === 'refused' ? { reason: parsed.reason, suggestion: parsed.suggestion, usage: parsed.usage } : null
    const spans = hidden.map(({ kind, text }) => `hidden ${kind}: ${text}`)
    const told =
      parsed.is === 'none'
        ? []
        : [parsed.is === 'command' ? `command: ${parsed.command.name}` : `no command: ${parsed.reason}`]
    return done({ visible, hidden, commands, refused }, [visible, ...spans, ...told].join('\n'))
  },
}

function toPlain(command: Command): object {
  if (command.name !== 'plan' || command.recipe === null) return command
  const { name, params } = command.recipe
  return { ...command, recipe: { name, params: Object.fromEntries(params) } }
}
