import { ok, refuse } from '../domain/result.ts'
import { startsLikeFlag, textOf } from './parse-text.ts'
import type { SlashCommand } from './slash-command.ts'

export const stop: SlashCommand = {
  name: 'stop',
  usage: '/agentos stop [reason]',
  role: 'stop',
  summary: 'End the run without a change.',
  parse: (call) =>
    startsLikeFlag(call.rest)
      ? refuse('`stop` has no flags')
      : ok({ name: 'stop', reason: textOf(call.rest, call.below) }),
}
