import { ok, refuse } from '../domain/result.ts'
import { startsLikeFlag, textOf } from './parse-text.ts'
import type { SlashCommand } from './slash-command.ts'

export const unlock: SlashCommand = {
  name: 'unlock',
  usage: '/agentos unlock REASON',
  role: 'unlock',
  summary: 'Take the run’s locks away, so that other runs can go on.',
  parse: (call) => {
    if (startsLikeFlag(call.rest)) return refuse('`unlock` has no flags')
    const reason = textOf(call.rest, call.below)
    return reason === null ? refuse('`unlock` needs a reason') : ok({ name: 'unlock', reason })
  },
}
