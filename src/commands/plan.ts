import { Mode } from '../domain/control/policy.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { type Flags, readFlags } from './parse-flags.ts'
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
  const mode = modeIn(flags)
  if (!mode.ok) return mode
  const from = pullRequestIn(flags)
  if (!from.ok) return from
  const name = flags.get('recipe')
  if (name !== undefined && from.value !== null) return refuse('give either --recipe or --from')
  return ok({
    name: 'plan',
    mode: mode.value,
    recipe: name === undefined ? null : { name, params },
    from: from.value,
    text: textOf(text, below),
  })
}

function modeIn(flags: Flags['flags']): Result<Mode | null, string> {
  const mode = flags.get('mode')
  if (mode === undefined) return ok(null)
  const parsed = Mode.safeParse(mode)
  return parsed.success ? ok(parsed.data) : refuse(`--mode is one of ${Mode.options.join(', ')}`)
}

function pullRequestIn(flags: Flags['flags']): Result<number | null, string> {
  const from = flags.get('from')
  if (from === undefined) return ok(null)
  const number = /^#?([1-9][0-9]{0,8})$/.exec(from)?.[1]
  return number === undefined ? refuse('--from names a pull request by its number, like `#7`') : ok(Number(number))
}
