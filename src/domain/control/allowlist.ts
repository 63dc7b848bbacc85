import type { CommandGrammar, CommandLimits, CommandRule } from './command-rule.ts'
import { matchGrammar, wordsUnder } from './match-grammar.ts'
import type { Policy, Preparation } from './policy.ts'
import { quote } from './quote.ts'
import { type CommandFacts, type Place, wordFault } from './word-fault.ts'
import { CheckoutProgram, INSTALLED, isPrintable, isWrapper, PlainValue, Program } from './words.ts'
import { type Unwrapped, unwrap } from './wrappers.ts'

/** A command as `execve` would get it; `cwd` is relative to the checkout (`.` is its root). */
export type CommandRequest = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

export type CommandVerdict =
  | { readonly decision: 'deny'; readonly rule: string; readonly reasons: readonly string[] }
  | {
      readonly decision: 'allow' | 'needs_approval'
      readonly rule: string
      readonly reasons: readonly string[]
      /** Whether code of the repository runs, or files are only looked at. */
      readonly runs: 'repository-code' | 'inspects'
      readonly network: 'none' | 'prepare-hosts' | 'entry-hosts'
      /** Where the command may connect to. */
      readonly hosts: readonly string[]
      /** The variables that the command is given by its rule. */
      readonly env: Readonly<Record<string, string>>
      /** Bounds of the rule itself; the policy's limits hold beside them. */
      readonly limits: CommandLimits
      readonly outputs: readonly string[]
    }

type Denied = Extract<CommandVerdict, { decision: 'deny' }>
type Permitted = Exclude<CommandVerdict, { decision: 'deny' }>

/** Judges one command by the policy's allowlist. What no rule allows is denied; where rules differ, the strictest wins. */
export function judgeCommand(request: CommandRequest, policy: Policy, facts: CommandFacts): CommandVerdict {
  const place = { facts, cwd: segmentsOf(request.cwd) }
  const fault = shapeFault(request) ?? environmentFault(request.env, policy) ?? cwdFault(request.cwd, facts)
  if (fault !== undefined) return fault
  if (isWrapper(request.argv[0] ?? '')) return judgeWrapped(request.argv, policy, place)
  const preparation = policy.prepare.find((entry) => isSameArgv(entry, request.argv) && place.cwd.length === 0)
  return denialOf(request.argv, policy) ?? judgeUndenied(request.argv, { policy, place, preparation })
}

const grouped = new WeakMap<Policy['commands'], ReadonlyMap<string, readonly CommandRule[]>>()

/** A policy is asked thousands of times a second, and has more than a hundred rules. */
function rulesFor(program: string, { commands }: Policy): readonly CommandRule[] {
  const known = grouped.get(commands) ?? Map.groupBy(commands, (rule) => rule.program)
  grouped.set(commands, known)
  return known.get(program) ?? []
}

function denialOf([program = '', ...words]: readonly string[], policy: Policy): Denied | undefined {
  const denial = rulesFor(program, policy).find(
    (rule) => rule.decision === 'deny' && wordsUnder(rule, words) !== undefined,
  )
  return denial?.decision === 'deny' ? deny(denial.id, denial.reason) : undefined
}

type Undenied = {
  readonly policy: Policy
  readonly place: Place
  readonly preparation: Preparation | undefined
}

function judgeUndenied(argv: readonly string[], { policy, place, preparation }: Undenied): CommandVerdict {
  if (preparation !== undefined) return judgePreparation(preparation, place.facts)
  const [program = ''] = argv
  return programFault(program, place) ?? judgeByRules(rulesFor(program, policy), argv, place)
}

/** A wrapper is denied, unless a rule admits it before what it would run. */
function judgeWrapped(argv: readonly string[], policy: Policy, place: Place): CommandVerdict {
  const [wrapper = ''] = argv
  const denied = deny('argv.wrapper', `${wrapper} runs what its arguments say: name the program itself`)
  const inner = unwrap(argv)
  if (inner === undefined) return denied
  const rules = policy.commands.filter((rule) => isAdmitted(rule, inner))
  if (rules.length === 0) return denied
  const [program = ''] = inner.argv
  return denialOf(inner.argv, policy) ?? programFault(program, place) ?? judgeByRules(rules, inner.argv, place)
}

function isAdmitted(rule: CommandRule, { through, argv }: Unwrapped): boolean {
  const isSame = rule.program === argv[0] || (through !== 'npx' && `./${rule.program}` === argv[0])
  return rule.decision !== 'deny' && isSame && rule.through?.includes(through) === true
}

/** A program of the checkout is a file there, reached through no symlink. */
function programFault(program: string, place: Place): Denied | undefined {
  if (!program.includes('/')) return undefined
  const must = INSTALLED.test(program) ? 'be-inside' : 'be-file'
  const fault = wordFault({ is: 'path', must }, program, place)
  return fault === undefined ? undefined : deny('argv.program', fault)
}

const MAX_WORDS = 256
const MAX_WORD = 4096
const MAX_TOTAL = 32_768

function shapeFault({ argv }: CommandRequest): Denied | undefined {
  const [program] = argv
  if (program === undefined) return deny('argv.empty', 'there is no command')
  if (argv.length > MAX_WORDS) return deny('argv.size', `more than ${MAX_WORDS} words are not judged`)
  if (argv.some((word) => word.length > MAX_WORD)) return deny('argv.size', `a word is longer than ${MAX_WORD}`)
  if (argv.reduce((sum, word) => sum + word.length, 0) > MAX_TOTAL) return deny('argv.size', 'the words are too long')
  const odd = argv.find((word) => !isPrintable(word))
  if (odd !== undefined) return deny('argv.characters', `${quote(odd)} holds a control or hidden character`)
  if (Program.safeParse(program).success || CheckoutProgram.safeParse(program).success) return undefined
  return deny('argv.program', `${quote(program)} is not a bare program name or a path of the checkout`)
}

function environmentFault(env: CommandRequest['env'], policy: Policy): Denied | undefined {
  const entries = Object.entries(env)
  if (entries.length > MAX_WORDS) return deny('environment.size', 'there are too many variables')
  const unlisted = entries.find(([name]) => !policy.environment.some((listed) => listed === name))
  if (unlisted !== undefined) return deny('environment.name', `the variable ${quote(unlisted[0])} is not listed`)
  const odd = entries.find(([, value]) => !PlainValue.safeParse(value).success)
  return odd === undefined ? undefined : deny('environment.value', `the value of ${odd[0]} is not plain text`)
}

function cwdFault(cwd: string, facts: CommandFacts): Denied | undefined {
  const fault = wordFault({ is: 'path', must: 'be-directory' }, cwd === '' ? '.' : cwd, { facts, cwd: [] })
  if (fault !== undefined) return deny('cwd', `the directory: ${fault}`)
  return cwd.split('/').includes('..') ? deny('cwd', 'the directory is written with ..') : undefined
}

function segmentsOf(cwd: string): readonly string[] {
  return cwd.split('/').filter((segment) => segment !== '' && segment !== '.')
}

function isSameArgv({ argv }: Preparation, given: readonly string[]): boolean {
  return argv.length === given.length && argv.every((word, i) => word === given[i])
}

function judgePreparation(entry: Preparation, facts: CommandFacts): CommandVerdict {
  if (facts.files(entry.when) !== 'file') return deny('prepare', `there is no file ${entry.when} to prepare from`)
  return {
    decision: 'allow',
    rule: 'prepare',
    reasons: [`the policy prepares a checkout with it where ${entry.when} exists`],
    runs: 'repository-code',
    network: entry.hosts.length > 0 ? 'prepare-hosts' : 'none',
    hosts: entry.hosts,
    env: {},
    limits: {},
    outputs: [],
  }
}

function judgeByRules(rules: readonly CommandRule[], argv: readonly string[], place: Place): CommandVerdict {
  const [program = '', ...words] = argv
  const tried = rules.flatMap((rule) => {
    const rest = rule.decision === 'deny' ? undefined : wordsUnder(rule, words)
    return rule.decision === 'deny' || rest === undefined ? [] : [judgeByRule(rule, rest, place)]
  })
  const permitted = tried.flatMap((verdict) => (verdict.decision === 'deny' ? [] : [verdict]))
  const strictest = permitted.find((verdict) => verdict.decision === 'needs_approval') ?? permitted[0]
  if (strictest !== undefined) return strictest
  const [only, ...others] = tried
  if (only === undefined) return deny('default', unlistedReason(program, rules))
  if (others.length === 0) return only
  return {
    decision: 'deny',
    rule: 'default',
    reasons: tried.flatMap((verdict) => verdict.reasons.map((reason) => `${verdict.rule}: ${reason}`)),
  }
}

function judgeByRule(rule: CommandGrammar, words: readonly string[], place: Place): Denied | Permitted {
  const match = matchGrammar(rule, words, place)
  if (!match.ok) return deny(rule.id, match.refusal)
  const { decision, id, runs, outputs, env = {}, limits = {} } = rule
  const hosts = typeof rule.network === 'object' ? rule.network.hosts : []
  const network = hosts.length > 0 ? 'entry-hosts' : 'none'
  const reason = decision === 'allow' ? `the rule ${id} allows it` : `the rule ${id} asks for an approval`
  return { decision, rule: id, reasons: [reason], runs, network, hosts, env, limits, outputs }
}

function unlistedReason(program: string, rules: readonly CommandRule[]): string {
  const forms = rules.flatMap((rule) => (rule.decision === 'deny' ? [] : [[program, ...rule.subcommand].join(' ')]))
  if (forms.length === 0) return `no rule of the policy allows ${quote(program)}; .agentos/policy.yml may list it`
  return `no rule allows this use of ${program}; allowed are ${forms.join(', ')}`
}

function deny(rule: string, reason: string): Denied {
  return { decision: 'deny', rule, reasons: [reason] }
}
