import { parseBare } from './parse-text.ts'
import type { SlashCommand } from './slash-command.ts'

export const status: SlashCommand = {
  name: 'status',
  usage: '/agentos status',
  role: 'status',
  summary: 'Say how the run stands and who acts next.',
  parse: (call) => parseBare(call, { name: 'status' }),
}
