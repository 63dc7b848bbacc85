import { Mode } from '../domain/control/policy.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { readFlags } from './parse-flags.ts'
import { textOf } from './parse-text.ts'
import type { Call, Command, SlashCommand } from './slash-command.ts'

export const plan: SlashCommand = {
  name: 'plan',
  usage: '/agentos plan [--mode interactive|semi_auto|full_auto] [--recipe NAME key=value… | --from #N] [TEXT]',
  role: 'plan',
  summary:
    'Plan a change: from TEXT, or from the issue’s title and body; `--from` takes an open pull request as the draft.',
  parse: parsePlan,
}

function parsePlan({ rest, below }: Call): Result<Command, string> {
  const read = readFlags(rest, ['mode', 'recipe', 'from'])
  if (!read.ok) return read
  const { flags, params, text } = read.value
  const mode = flags.get('mode')
  const parsedMode = Mode.safeParse(mode)
  if (mode !== undefined && !parsedMode.success) return refuse(`--mode is one of ${Mode.options.join(', ')}`)
  const name = flags.get('recipe')
  const from = flags.get('from')
  if (name !== undefined && from !== undefined) return refuse('give either --recipe or --from')
  const pull = /^#?([1-9][0-9]{0,8})$/.exec(from ?? '')?.[1]
  if (from !== undefined && pull === undefined) return refuse('--from names a pull request by its number, like `#7`')
  return ok({
    name: 'plan',
    mode: parsedMode.success ? parsedMode.data : null,
    recipe: name === undefined ? null : { name, params },
    from: pull === undefined ? null : Number(pull),
    text: textOf(text, below),
  })
}
