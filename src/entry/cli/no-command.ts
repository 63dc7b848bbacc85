import { nearest } from '../../commands/nearest.ts'
import type { ListedCommand } from './command.ts'

/** Says that a line begins with no command, with the one that was meant, or those that begin with its first word. */
export function noCommand(args: readonly string[], commands: readonly ListedCommand[]): string {
  const names = commands.map(({ name }) => name)
  const line = args.slice(0, 2).join(' ')
  const [first = ''] = args
  const family = names.filter((name) => name.startsWith(`${first} `))
  const near = nearest(line, names) ?? nearest(first, names)
  const said = `there is no command ${JSON.stringify(family.length === 0 && near === undefined ? first : line)}`
  if (near !== undefined) return `${said}; did you mean ${JSON.stringify(near)}?`
  return `${said}; there is: ${(family.length === 0 ? names : family).join(', ')}`
}
