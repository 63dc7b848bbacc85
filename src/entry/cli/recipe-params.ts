import { WrongUsage } from './command.ts'

/** The words `name=value` behind a recipe, each name once. */
export function paramsIn(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words.map((word) => {
    const [, name, value] = /^([a-z][a-z0-9_-]{0,63})=(.*)$/s.exec(word) ?? []
    if (name === undefined || value === undefined) throw new WrongUsage(`${JSON.stringify(word)} is not name=value`)
    return [name, value] as const
  })
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new WrongUsage('a parameter is given twice')
  return Object.fromEntries(pairs)
}
