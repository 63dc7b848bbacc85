import { type CliCommand, done, oneWord, WrongUsage } from './command.ts'

export const schema: CliCommand = {
  usage: 'agentos schema NAME',
  summary: 'Print the JSON Schema of an input or output.',
  exits: [0, 2],
  options: {},
  async run(given) {
    const { jsonSchema, schemas } = await import('./schemas.ts')
    const names = [...schemas.keys()].join(', ')
    if (given.words.length === 0) throw new WrongUsage(`name one of ${names}`)
    const found = schemas.get(oneWord(given, 'schema'))
    if (found === undefined) throw new WrongUsage(`there is no such schema; there are ${names}`)
    const json = jsonSchema(found)
    return done(json, JSON.stringify(json, null, 2))
  },
}
