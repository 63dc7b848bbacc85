import { ok, refuse } from '../domain/result.ts'
import { startsLikeFlag, textOf } from './parse-text.ts'
import type { SlashCommand } from './slash-command.ts'

export const rollback: SlashCommand = {
  name: 'rollback',
  usage: '/agentos rollback [reason]',
  role: 'rollback',
  summary:
    'Take a run back: a merged one by a run of its own with the inverse change, one that is not merged by closing it.',
  parse: (call) =>
    startsLikeFlag(call.rest)
      ? refuse('`rollback` has no flags')
      : ok({ name: 'rollback', reason: textOf(call.rest, call.below) }),
}
