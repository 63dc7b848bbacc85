import { WillNotWork } from '../../app/ports.ts'
import { filterFor } from '../process-secrets.ts'
import { type Ending, stopped, WrongUsage } from './command.ts'
import { noCommand } from './no-command.ts'
import { parseCall } from './parse-call.ts'
import { cliCommands } from './registry.ts'

/** The exit code of a bug. */
const BUG = 70

/** Runs one command line. stdout is for programs and results, stderr for people. */
export async function runCli(args: readonly string[]): Promise<number> {
  const found = findCommand(args)
  const isJson = args.slice(0, argsEnd(args)).includes('--json')
  if (found === undefined) return tell(unknown(args), isJson)
  const command = await found.load()
  try {
    return tell(await command.run(parseCall(args.slice(found.name.split(' ').length), command)), isJson)
  } catch (error) {
    if (error instanceof WrongUsage) return tell(wrong(error.message, command.usage), isJson)
    if (error instanceof WillNotWork) return tell(unrecorded(error.message), isJson)
    return tellBug(error)
  }
}

function argsEnd(args: readonly string[]): number {
  const end = args.indexOf('--')
  return end === -1 ? args.length : end
}

/** The command with the longest name that the line begins with. `--help` anywhere in it means help. */
function findCommand(args: readonly string[]) {
  const line = args.length === 0 || args[0] === '--help' || args[0] === '-h' ? ['help'] : args
  return cliCommands
    .filter(({ name }) => name.split(' ').every((word, i) => word === line[i]))
    .sort((a, b) => b.name.length - a.name.length)
    .at(0)
}

function unknown(args: readonly string[]): Ending {
  return wrong(noCommand(args, cliCommands), 'agentos help')
}

function wrong(because: string, usage: string): Ending {
  const json = { error: { exit: 2, rule: 'usage', because, next: usage } }
  return { exit: 2, json, text: `${because}\nUsage: ${usage}` }
}

/** On a clone nobody but the record itself turns anything away for good. */
function unrecorded(because: string): Ending {
  return stopped({ exit: 3, rule: 'record', because, next: 'take it out of what you gave, then ask again' })
}

function tell({ exit, json, text, raw, note }: Ending, isJson: boolean): number {
  const filter = filterFor(process.env)
  if (isJson && json !== undefined) process.stdout.write(`${filter.json(JSON.stringify(json))}\n`)
  if (!isJson && raw !== undefined) process.stdout.write(typeof raw === 'string' ? filter.text(raw) : raw)
  if (text !== '') (exit === 0 && !isJson ? process.stdout : process.stderr).write(`${filter.text(text)}\n`)
  if (note !== undefined) process.stderr.write(`${filter.text(note)}\n`)
  return exit
}

function tellBug(error: unknown): number {
  const sentence = error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error was thrown'
  const { text } = filterFor(process.env)
  process.stderr.write(`AgentOS broke, which is a bug: ${text(sentence)}\n`)
  if (process.env['LOG_LEVEL'] === 'debug' && error instanceof Error)
    process.stderr.write(`${text(error.stack ?? '')}\n`)
  return BUG
}
