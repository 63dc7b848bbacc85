import { judgeCommand } from './allowlist.ts'
import type { CommandGrammar, Word } from './command-rule.ts'
import type { Escape } from './escapes/escape.ts'
import { evilEscapes } from './escapes/index.ts'
import type { Policy } from './policy.ts'
import type { CommandFacts } from './word-fault.ts'

/** A rule that lets something through which is known to escape, with one command that does. */
export type CommandWarning = { readonly rule: string; readonly because: string; readonly example: string }

/** Asks every rule by itself about every known escape of its program, in a checkout where whatever it names is there. */
export function lintCommands(policy: Policy): readonly CommandWarning[] {
  return policy.commands.flatMap((rule) => {
    if (rule.decision === 'deny') return []
    const known = escapesBy().get(rule.program)
    const admitted = (known ?? []).filter(({ argv }) => isAdmitted(argv, { ...policy, commands: [rule], prepare: [] }))
    return known === undefined ? unknownTo(rule) : warningsOf(rule, admitted)
  })
}

let grouped: ReadonlyMap<string, readonly Escape[]> | undefined

/** They are many, so they are put in order once. */
function escapesBy(): ReadonlyMap<string, readonly Escape[]> {
  grouped ??= Map.groupBy(evilEscapes(), ({ argv }) => argv[0] ?? '')
  return grouped
}

const WORLDS: readonly CommandFacts[] = (['file', 'directory'] as const).map((kind) => ({
  files: (path) => (/(?:^|\/)link(?:\/|$)/.test(path) ? 'symlink' : kind),
  targets: () => null,
}))

function isAdmitted(argv: readonly string[], policy: Policy): boolean {
  return WORLDS.some((facts) => judgeCommand({ argv, env: {}, cwd: '.' }, policy, facts).decision !== 'deny')
}

function warningsOf({ id }: CommandGrammar, admitted: readonly Escape[]): readonly CommandWarning[] {
  const first = new Map<string, Escape>()
  for (const escape of admitted) if (!first.has(escape.because)) first.set(escape.because, escape)
  return [...first.values()].map(({ argv, because }) => ({ rule: id, because, example: argv.join(' ') }))
}

/** They print their words and do nothing else with them. */
const PRINTING: ReadonlySet<string> = new Set(['echo', 'printf'])

/** Of a program that no table knows, free text may be anything: another subcommand, a file, or code. */
function unknownTo(rule: CommandGrammar): readonly CommandWarning[] {
  const words = [...rule.values, ...rule.operands, ...(rule.afterDashes ?? [])].map(({ word }) => word)
  if (PRINTING.has(rule.program) || !words.some(isFree)) return []
  const because = `it takes free text, and nothing is known of what ${rule.program} does with it`
  return [{ rule: rule.id, because, example: [rule.program, ...rule.subcommand, 'anything'].join(' ') }]
}

function isFree(word: Word): boolean {
  return word.is === 'text'
}
