import { parseBare } from './parse-text.ts'
import type { SlashCommand } from './slash-command.ts'

export const help: SlashCommand = {
  name: 'help',
  usage: '/agentos help',
  role: 'help',
  summary: 'Show these commands.',
  parse: (call) => parseBare(call, { name: 'help' }),
}
