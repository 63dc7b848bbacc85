import { type CliCommand, flag, noWords, text, WrongUsage, written } from './command.ts'
import { paramsIn } from './recipe-params.ts'

export const demo: CliCommand = {
  usage: 'agentos demo [--repo DIR] [--recipe R k=v… | TEXT] [--yes] [--json]',
  summary: 'Play a whole run against a local GitHub, then try to break it.',
  exits: [0, 1, 2, 3, 4, 5],
  options: { repo: text, recipe: text, yes: flag },
  async run(given) {
    const name = given.flags.get('recipe')
    const words = [...given.words, ...(given.rest ?? [])]
    if (name === '') throw new WrongUsage('--recipe names a recipe')
    if (words.length > 0 && words.join(' ').trim() === '') noWords(given)
    const recipe = name === undefined ? null : { name, params: paramsIn(words) }
    const { runDemo } = await import('../demo.ts')
    const exit = await runDemo({
      repo: given.flags.get('repo') ?? null,
      recipe,
      text: recipe === null && words.length > 0 ? words.join(' ') : null,
      yes: given.switches.has('yes'),
      json: given.switches.has('json'),
    })
    return written(exit)
  },
}
