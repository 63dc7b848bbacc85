import { type CliCommand, flag, noWords, written } from './command.ts'

export const serve: CliCommand = {
  usage: 'agentos serve [--paused]',
  summary: 'Run the GitHub App’s server until it is told to end.',
  exits: [0, 2, 5],
  options: { paused: flag },
  async run(given) {
    noWords(given)
    const { serve } = await import('../server.ts')
    return written(await serve(process.env, { paused: given.switches.has('paused') }))
  },
}
