import { type CliCommand, done, type Ending, EXITS, type ExitCode, type ListedCommand, WrongUsage } from './command.ts'
import { noCommand } from './no-command.ts'

/** Help on the commands of a list, read from the commands themselves. */
export function helpOn(commands: readonly ListedCommand[]): CliCommand {
  return {
    usage: 'agentos help [COMMAND]',
    summary: 'Show every command, or one with its exit codes.',
    exits: [0, 2],
    options: {},
    run: async ({ words }) => (words.length === 0 ? helpForAll(commands) : helpForOne(commands, words.join(' '))),
  }
}

async function helpForAll(commands: readonly ListedCommand[]): Promise<Ending> {
  const all = await Promise.all(commands.map(async ({ name, load }) => ({ name, ...facts(await load()) })))
  const lines = all.map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
  return done({ commands: all }, `AgentOS governs what AI does to a repository.\n\n${lines.join('\n')}\n\n${ALWAYS}`)
}

const ALWAYS =
  'Every command takes --json: then stdout is exactly one line of JSON, and text for people goes to stderr.'

async function helpForOne(commands: readonly ListedCommand[], name: string): Promise<Ending> {
  const found = commands.find((command) => command.name === name)
  if (found === undefined) throw new WrongUsage(noCommand(name.split(' '), commands))
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
