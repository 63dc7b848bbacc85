import { judgeCommand } from '../../../src/domain/control/allowlist.ts'
import { evilEscapes } from '../../../src/domain/control/escapes/index.ts'
import { lintCommands } from '../../../src/domain/control/lint-commands.ts'
import { commandFactsOf } from '../../../src/domain/packs/command-facts.ts'
import type { Plain } from '../../../src/domain/suggest/plain-command.ts'
import { renderRules } from '../../../src/domain/suggest/render-rules.ts'
import type { PolicySuggestion } from '../../../src/domain/suggest/suggest.ts'
import { indexTree } from '../../../src/domain/targets/checkout.ts'
import { openGoverned } from '../../../src/entry/local/governed-clone.ts'
import { type Rules, rulesFrom } from '../../../src/entry/local/rules.ts'
import { suggestFor } from '../../../src/entry/local/suggest-policy.ts'
import { HARMLESS } from '../../domain/control/hostile/harmless.ts'
import { mutantsOf } from '../../domain/control/hostile/mutants.ts'

/** What came of one repository. */
export type Measured = {
  readonly repository: string
  readonly commit: string
  /** Different commands in scripts and CI files. */
  readonly collected: number
  /** Those that are nothing but literal words. */
  readonly representable: number
  /** Those that a step of a change may be: `bench/suggest.ts` says which. */
  readonly legitimate: number
  readonly allowedBefore: number
  readonly entries: number
  readonly refused: readonly { readonly command: string; readonly because: string }[]
  readonly warnings: number
  readonly tried: number
  readonly escapes: readonly string[]
  readonly notTaken: Readonly<Record<string, number>>
}

/** Suggests a policy for a repository and judges its own commands and every known escape by it. */
export async function measure(dir: string, repository: string, everyMutant = 1): Promise<Measured> {
  const clone = await openGoverned(dir)
  if (!clone.ok) throw new Error(`${dir}: ${clone.refusal.because}`)
  const suggestion = await suggestFor(clone.value)
  const yaml = renderRules(suggestion.entries, suggestion.notTaken)
  const rules = await rulesFrom({ policy: { file: 'suggested', bytes: Buffer.from(yaml) }, dir })
  if (!rules.ok) throw new Error(`${dir}: ${rules.refusal.because}`)
  const judge = await judgeIn(rules.value)
  const verdicts = suggestion.plain.map((plain) => ({ plain, verdict: judge(plain.argv, plain.seen.cwd) }))
  const hostile = hostileTo(suggestion, everyMutant)
  return {
    repository,
    commit: clone.value.base,
    ...countsOf(suggestion),
    refused: verdicts.flatMap(({ plain, verdict }) =>
      verdict.decision === 'allow'
        ? []
        : [{ command: plain.seen.text, because: verdict.reasons.join('; ').slice(0, 200) }],
    ),
    warnings: lintCommands(rules.value.manifest.policy).length,
    tried: hostile.length,
    escapes: hostile.filter((argv) => judge(argv, '.').decision !== 'deny').map((argv) => argv.join(' ')),
  }
}

function countsOf({ plain, allowedBefore, entries, notTaken }: PolicySuggestion) {
  const kinds = Object.groupBy(notTaken, ({ kind }) => kind)
  const shapes = kinds.shape?.length ?? 0
  return {
    collected: plain.length + notTaken.length,
    representable: plain.length + notTaken.length - shapes,
    legitimate: plain.length,
    allowedBefore,
    entries: entries.length,
    notTaken: Object.fromEntries(Object.entries(kinds).map(([kind, all]) => [kind, all.length])),
  }
}

/** All known escapes, and the mutants of those whose programs the policy speaks of; not what the repository says itself. */
function hostileTo({ plain, entries }: PolicySuggestion, every: number): readonly (readonly string[])[] {
  const own = new Set(plain.map(wordsOf))
  const programs = new Set(entries.map(({ rule }) => rule.program))
  const originals = evilEscapes().map(({ argv }) => argv)
  const near = originals.filter(([program = '']) => programs.has(program))
  const sampled = near.filter((_, i) => i % every === 0)
  const mutants = sampled.flatMap((argv) => mutantsOf(argv).map((mutant) => mutant.argv))
  return [...originals, ...mutants].filter((argv) => !own.has(argv.join(' ')) && !HARMLESS.has(argv.join(' ')))
}

function wordsOf({ argv }: Plain): string {
  return argv.join(' ')
}

/** The clone's own files, with a symlink under every path that the escapes name `link`. */
async function judgeIn({ clone, manifest }: Rules) {
  if (clone === null) throw new Error('there is no clone')
  const entries = [...(await clone.repository.entries(clone.base))]
  const read = await clone.repository.blobs(entries.filter(({ path }) => MANIFEST.test(path)).map(({ blob }) => blob))
  const own = commandFactsOf(indexTree(entries)((blob) => read.get(blob)))
  const isLink = (path: string) => path.split('/').includes('link')
  const facts = { ...own, files: (path: string) => (isLink(path) ? 'symlink' : own.files(path)) }
  return (argv: readonly string[], cwd: string) => judgeCommand({ argv, env: {}, cwd }, manifest.policy, facts)
}

/** The files that targets are read from. */
const MANIFEST =
  /(?:^|\/)(?:package\.json|pnpm-workspace\.yaml|deno\.jsonc?|composer\.json|[\w.]*\.mk|(?:GNU)?[Mm]akefile[\w.]*|[Rr]akefile(?:\.rb)?|\.?justfile|Cargo\.toml|config(?:\.toml)?|.*\.py)$/
