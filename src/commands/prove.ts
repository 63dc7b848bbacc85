import { parseBare } from './parse-text.ts'
import type { SlashCommand } from './slash-command.ts'

export const prove: SlashCommand = {
  name: 'prove',
  usage: '/agentos prove',
  role: 'prove',
  summary: 'Show the evidence of the run and how anyone checks it offline.',
  parse: (call) => parseBare(call, { name: 'prove' }),
}
