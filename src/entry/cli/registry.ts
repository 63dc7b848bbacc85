import type { CliCommand } from './command.ts'

/** Every command by its name, loaded when it is needed: help and dispatch read this one list. */
export const cliCommands: readonly { readonly name: string; readonly load: () => Promise<CliCommand> }[] = [
  { name: 'plan', load: async () => (await import('./plan.ts')).plan },
  { name: 'execute', load: async () => (await import('./execute.ts')).execute },
]
