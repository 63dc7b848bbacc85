import type { RulesFrom } from '../local/rules.ts'
import type { Given } from './command.ts'
import { readInput } from './read-input.ts'

/** `--policy FILE` and `--repo DIR`. */
export async function rulesGiven(given: Given): Promise<RulesFrom> {
  const file = given.flags.get('policy')
  const policy = file === undefined ? null : { file, bytes: await readInput(file) }
  return { policy, dir: given.flags.get('repo') ?? null }
}
