import { ok, refuse } from '../domain/result.ts'
import { StepName } from '../domain/run/event-words.ts'
import type { SlashCommand } from './slash-command.ts'

export const why: SlashCommand = {
  name: 'why',
  usage: '/agentos why [STEP]',
  role: 'why',
  summary: 'Say why the run is where it is, or why the plan has a step.',
  parse: ({ rest }) => {
    const word = rest.trim().replace(/^`(.*)`$/, '$1')
    if (word === '') return ok({ name: 'why', step: null })
    const step = StepName.safeParse(word)
    return step.success
      ? ok({ name: 'why', step: step.data })
      : refuse('`why` takes the name of one step after it, like `tests`, or nothing')
  },
}
