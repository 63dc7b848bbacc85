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
  const known = grouped.get(commands) ?? Map.groupBy(commands, (rule) => spelledOnce(rule.program))
  grouped.set(commands, known)
  return known.get(spelledOnce(program)) ?? []
}

/** `./a/b` and `a/b` are one file. */
function spelledOnce(program: string): string {
  return program.replace(/^\.\//, '')
}

/** A denial holds for every spelling, also where a bare name and a file of the checkout only share theirs. */
function denialOf([program = '', ...words]: readonly string[], policy: Policy): Denied | undefined {
  const denial = rulesFor(program, policy).find(
    (rule) => rule.decision === 'deny' && wordsUnder(rule, words) !== undefined,
  )
  return denial?.decision === 'deny' ? deny(denial.id, denial.reason) : undefined
}

/** A bare name is looked up on the PATH: no rule of it permits a file of the checkout, nor the other way round. */
function rulesOf(program: string, policy: Policy): readonly CommandRule[] {
  return rulesFor(program, policy).filter((rule) => rule.program.includes('/') === program.includes('/'))
}

type Undenied = {
  readonly policy: Policy
  readonly place: Place
  readonly preparation: Preparation | undefined
}

function judgeUndenied(argv: readonly string[], { policy, place, preparation }: Undenied): CommandVerdict {
  if (preparation !== undefined) return judgePreparation(preparation, place.facts)
  const [program = ''] = argv
  return programFault(program, place) ?? judgeByRules(rulesOf(program, policy), argv, place)
}

/** What a wrapper would run is judged as if it were called directly; what permits it has to name the wrapper as well. */
function judgeWrapped(argv: readonly string[], policy: Policy, place: Place): CommandVerdict {
  const [wrapper = ''] = argv
  const denied = deny('argv.wrapper', `${wrapper} runs what its arguments say: name the program itself`)
  const inner = unwrap(argv)
  if (inner === undefined) return denied
  const rules = rulesThrough(inner, policy)
  if (!rules.some((rule) => isAdmitting(rule, inner))) return denied
  const [program = ''] = inner.argv
  const fault = denialOf(inner.argv, policy) ?? programFault(program, place)
  return fault ?? judgeByRules(rules, inner.argv, place, (rule) => isAdmitting(rule, inner))
}

/** A shell takes a bare name for a file of the checkout, npx for a program. */
function rulesThrough({ through, argv: [program = ''] }: Unwrapped, policy: Policy): readonly CommandRule[] {
  return through === 'npx' ? rulesOf(program, policy) : rulesFor(program, policy)
}

function isAdmitting(rule: CommandRule, { through }: Unwrapped): boolean {
  return rule.decision !== 'deny' && rule.through?.includes(through) === true
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

/** The strictest of the rules that permit a command decides, and of those the first that `admits` it as it is called. */
function judgeByRules(
  rules: readonly CommandRule[],
  argv: readonly string[],
  place: Place,
  admits: (rule: CommandRule) => boolean = () => true,
): CommandVerdict {
  const [program = '', ...words] = argv
  const tried = rules.flatMap((rule) => {
    const rest = rule.decision === 'deny' ? undefined : wordsUnder(rule, words)
    return rule.decision === 'deny' || rest === undefined ? [] : [{ rule, verdict: judgeByRule(rule, rest, place) }]
  })
  const permitted = tried.filter(({ verdict }) => verdict.decision !== 'deny')
  const asking = permitted.filter(({ rule }) => rule.decision === 'needs_approval')
  const deciding = asking.length > 0 ? asking : permitted
  const [decisive] = deciding
  if (decisive === undefined) return denialAfter(tried, unlistedReason(program, rules))
  const reason = `the rule ${decisive.rule.id} decides it, and does not name this wrapper under through`
  return deciding.find(({ rule }) => admits(rule))?.verdict ?? deny('argv.wrapper', reason)
}

type Tried = { readonly verdict: Denied | Permitted }

function denialAfter(tried: readonly Tried[], unlisted: string): CommandVerdict {
  const [only, ...others] = tried.map(({ verdict }) => verdict)
  if (only === undefined) return deny('default', unlisted)
  if (others.length === 0) return only
  const reasons = [only, ...others].flatMap((verdict) => verdict.reasons.map((reason) => `${verdict.rule}: ${reason}`))
  return { decision: 'deny', rule: 'default', reasons }
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
