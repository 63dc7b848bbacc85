import { type CliCommand, done, EXITS, type ExitCode, WrongUsage } from './command.ts'
import { cliCommands } from './registry.ts'

export const help: CliCommand = {
  usage: 'agentos help [COMMAND]',
  summary: 'Show every command, or one with its exit codes.',
  exits: [0, 2],
  options: {},
  async run(given) {
    const name = given.words.join(' ')
    if (name !== '') return helpFor(name)
    const all = await Promise.all(cliCommands.map(async ({ name, load }) => ({ name, ...facts(await load()) })))
    const lines = all.map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
    return done({ commands: all }, `AgentOS governs what AI does to a repository.\n\n${lines.join('\n')}\n\n${ALWAYS}`)
  },
}

const ALWAYS =
  'Every command takes --json: then stdout is exactly one line of JSON, and text for people goes to stderr.'

async function helpFor(name: string) {
  const found = cliCommands.find((command) => command.name === name)
  if (found === undefined) throw new WrongUsage(`there is no command ${JSON.stringify(name)}`)
  const told = facts(await found.load())
  const exits = told.exits.map(({ code, means }) => `  ${code}  ${means}`)
  return done({ name, ...told }, [told.usage, '', told.summary, '', 'It ends with', ...exits].join('\n'))
}

type Facts = {
  readonly usage: string
  readonly summary: string
  readonly exits: readonly { readonly code: ExitCode; readonly means: string }[]
}

function facts({
  usage,
  summary,
  exits,
}: {
  readonly usage: string
  readonly summary: string
  readonly exits: readonly ExitCode[]
}): Facts {
  return { usage, summary, exits: exits.map((code) => ({ code, means: EXITS[code] })) }
}
