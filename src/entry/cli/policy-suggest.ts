import { type CliCommand, type Ending, needed, noWords, stopped, text } from './command.ts'

export const policySuggest: CliCommand = {
  usage: 'agentos policy suggest --repo DIR',
  summary: 'Write an allowlist for .agentos/policy.yml from what a repository’s own scripts and CI use.',
  exits: [0, 2, 3, 5],
  options: { repo: text },
  async run(given) {
    noWords(given)
    const { openGoverned } = await import('../local/governed-clone.ts')
    const clone = await openGoverned(needed(given, 'repo'))
    if (!clone.ok) return stopped(clone.refusal)
    const { suggestFor } = await import('../local/suggest-policy.ts')
    const { renderRules } = await import('../../domain/suggest/render-rules.ts')
    const { entries, plain, allowedBefore, unlisted, notTaken } = await suggestFor(clone.value)
    const yaml = renderRules(entries, notTaken)
    const json = {
      commands: entries.map(({ rule, seen }) => ({ rule, seen })),
      plain: plain.length,
      allowedBefore,
      unlisted: unlisted.map(({ seen }) => seen),
      notTaken: notTaken.map(({ seen, kind, because }) => ({ ...seen, kind, because })),
    }
    return ending(json, yaml, `${entries.length} entries; ${allowedBefore} commands were allowed before`)
  },
}

function ending(json: unknown, yaml: string, note: string): Ending {
  return { exit: 0, json, raw: yaml, note, text: '' }
}
