import { type Given, WrongUsage } from './command.ts'

/** The name goes into the commit, so it is one line of plain text. */
export function approverFrom(given: Given): string | undefined {
  const name = given.flags.get('approved-by')?.trim()
  if (name === undefined || name === '') return undefined
  if (name.length > 100 || /\p{C}|\p{Zl}|\p{Zp}/u.test(name))
    throw new WrongUsage('--approved-by is one line of at most 100 characters')
  return name
}
