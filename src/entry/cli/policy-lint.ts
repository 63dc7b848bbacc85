import { refusalText } from '../../app/control-plane.ts'
import type { CommandWarning } from '../../domain/control/lint-commands.ts'
import { manifestHash } from '../../domain/control/manifest.ts'
import { quote } from '../../domain/control/quote.ts'
import { recipeUsage } from '../../domain/control/recipe.ts'
import type { Rules } from '../local/rules.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, noWords, stopped, text } from './command.ts'
import { rulesGiven } from './rules-from.ts'

export const policyLint: CliCommand = {
  usage: 'agentos policy lint [--repo DIR | --policy FILE]',
  summary: 'Read a control plane strictly, name every fault in it, and warn of rules that let known escapes through.',
  exits: [0, 2, 3],
  options: { repo: text, policy: text },
  async run(given) {
    noWords(given)
    const { rulesFrom } = await import('../local/rules.ts')
    const { lintProse } = await import('../local/lint-prose.ts')
    const from = await rulesGiven(given)
    const rules = await rulesFrom(from)
    const prose = from.dir === null ? [] : await lintProse(from.dir)
    const faults = refusalText(prose)
    if (!rules.ok) {
      const { because } = rules.refusal
      return stopped({ ...rules.refusal, because: faults === '' ? because : `${because}\n${faults}` })
    }
    const { lintCommands } = await import('../../domain/control/lint-commands.ts')
    const warnings = lintCommands(rules.value.manifest.policy)
    return faults === '' ? faultless(rules.value, warnings) : stopped(stop(3, 'prose', faults, NEXT))
  },
}

const NEXT =
  'mend the files. Until then runs are told nothing of a faulty note, and a faulty prompts/plan.md refuses plans by a model'

function faultless({ manifest }: Rules, warnings: readonly CommandWarning[]): Ending {
  const { commands } = manifest.policy
  const facts = {
    valid: true,
    manifest: manifestHash(manifest),
    commands: commands.length,
    recipes: manifest.recipes.length,
    warnings,
  }
  const recipes = manifest.recipes.map((recipe) => `  ${recipeUsage(recipe)}`)
  const head = `no fault: ${commands.length} command rules, ${recipes.length} recipes, manifest ${facts.manifest}`
  const told = warnings.map(
    ({ rule, because, example }) => `warning: the rule ${rule} allows ${quote(example)}: ${because}`,
  )
  return done(facts, [...told, head, ...recipes].join('\n'))
}
