import type { ParseYaml } from '../control/load-manifest.ts'
import type { Policy } from '../control/policy.ts'
import type { Checkout } from '../targets/target.ts'
import { collectCommands } from './collect.ts'
import { isPlain, type NotTaken, type Plain, toPlain } from './plain-command.ts'
import { type Suggested, suggestRules } from './suggest-rules.ts'

export type Suggesting = {
  readonly checkout: Checkout
  readonly policy: Policy
  readonly parseYaml: ParseYaml
  /** Whether the policy allows the command as it is. */
  readonly isAllowed: (plain: Plain) => boolean
}

/** What was found out about a repository's commands. */
export type PolicySuggestion = {
  readonly entries: readonly Suggested[]
  /** All plain commands of steps of a change, those that were allowed before among them. */
  readonly plain: readonly Plain[]
  readonly allowedBefore: number
  readonly unlisted: readonly Plain[]
  readonly notTaken: readonly NotTaken[]
}

/** Writes an allowlist from what a repository's own scripts and CI files use. */
export function suggestPolicy({ checkout, policy, parseYaml, isAllowed }: Suggesting): PolicySuggestion {
  const read = collectCommands(checkout, parseYaml).map((seen) => toPlain(seen, checkout))
  const plain = read.filter(isPlain)
  const asked = plain.filter((one) => Object.keys(one.env).length > 0 || !isAllowed(one))
  const { entries, unlisted } = suggestRules(asked, policy, checkout)
  const notTaken = read.flatMap((one) => (isPlain(one) ? [] : [one]))
  return { entries, plain, allowedBefore: plain.length - asked.length, unlisted, notTaken }
}
