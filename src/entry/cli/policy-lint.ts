import { manifestHash } from '../../domain/control/manifest.ts'
import { recipeUsage } from '../../domain/control/recipe.ts'
import { type CliCommand, done, noWords, stopped, text } from './command.ts'
import { rulesGiven } from './rules-from.ts'

export const policyLint: CliCommand = {
  usage: 'agentos policy lint [--repo DIR | --policy FILE]',
  summary: 'Read a control plane strictly and name every fault in it.',
  exits: [0, 2, 3],
  options: { repo: text, policy: text },
  async run(given) {
    noWords(given)
    const { rulesFrom } = await import('../local/rules.ts')
    const rules = await rulesFrom(await rulesGiven(given))
    if (!rules.ok) return stopped(rules.refusal)
    const { manifest } = rules.value
    const { commands } = manifest.policy
    const facts = {
      valid: true,
      manifest: manifestHash(manifest),
      commands: commands.length,
      recipes: manifest.recipes.length,
    }
    const recipes = manifest.recipes.map((recipe) => `  ${recipeUsage(recipe)}`)
    const head = `no fault: ${commands.length} command rules, ${recipes.length} recipes, manifest ${facts.manifest}`
    return done(facts, [head, ...recipes].join('\n'))
  },
}
