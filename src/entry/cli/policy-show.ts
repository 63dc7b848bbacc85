import { manifestHash } from '../../domain/control/manifest.ts'
import { type CliCommand, done, noWords, stopped, text } from './command.ts'
import { rulesGiven } from './rules-from.ts'

export const policyShow: CliCommand = {
  usage: 'agentos policy show [--repo DIR | --policy FILE]',
  summary: 'Show the rules that govern, as they are after all layers.',
  exits: [0, 2, 3],
  options: { repo: text, policy: text },
  async run(given) {
    noWords(given)
    const { rulesFrom } = await import('../local/rules.ts')
    const rules = await rulesFrom(await rulesGiven(given))
    if (!rules.ok) return stopped(rules.refusal)
    const { manifest } = rules.value
    const shown = { hash: manifestHash(manifest), manifest }
    return done(shown, JSON.stringify(shown, null, 2))
  },
}
