import { CommandRule, type Operand } from '../control/command-rule.ts'
import { lintCommands } from '../control/lint-commands.ts'
import type { Policy } from '../control/policy.ts'
import { unwrap } from '../control/wrappers.ts'
import { declaredIn, type TargetKind } from '../targets/index.ts'
import type { Checkout } from '../targets/target.ts'
import type { Seen } from './collect.ts'
import type { Plain } from './plain-command.ts'

/** An entry for the allowlist, with every place where the repository uses it. */
export type Suggested = { readonly rule: CommandRule; readonly seen: readonly Seen[] }

/** What can be written down, and commands for which no entry can be written that lint would not warn of. */
export type Suggestion = { readonly entries: readonly Suggested[]; readonly unlisted: readonly Plain[] }

type Draft = {
  readonly program: string
  readonly through: string | null
  readonly env: Readonly<Record<string, string>>
  readonly subcommand: readonly string[]
  readonly values: readonly Numbered[]
  readonly operands: readonly Operand[]
  readonly plain: readonly Plain[]
}

type Numbered = {
  readonly names: readonly string[]
  readonly form: 'separate' | 'attached'
  readonly word: { readonly is: 'number'; readonly min: 0; readonly max: 1_000_000 }
}

/** Writes entries with typed words for commands that the policy does not allow as it is. */
export function suggestRules(commands: readonly Plain[], policy: Policy, checkout: Checkout): Suggestion {
  const drafts = merged(commands.map((plain) => typed(plain, checkout)))
  const entries: Suggested[] = []
  const unlisted: Plain[] = []
  const ids = new Set(policy.commands.map(({ id }) => id))
  for (const draft of withChoices(drafts)) {
    const rule = toRule(draft, ids)
    if (rule === undefined || lintCommands({ ...policy, commands: [rule] }).length > 0) unlisted.push(...draft.plain)
    else entries.push({ rule, seen: draft.plain.map(({ seen }) => seen) })
  }
  return { entries, unlisted }
}

/** Commands that name what the repository declares: the words before the name, and the kind of the name. */
const BY_TARGET: readonly (readonly [RegExp, TargetKind])[] = [
  [/^(?:npm|pnpm|yarn|bun) run$/, 'script'],
  [/^make$/, 'make'],
  [/^just$/, 'just'],
  [/^deno task$/, 'deno-task'],
  [/^(?:pnpm|yarn)$/, 'script'],
  [/^composer run-script$/, 'composer-script'],
  [/^composer$/, 'composer-script'],
  [/^(?:rake|bundle exec rake)$/, 'rake-task'],
]

/** Programs whose operands are files or folders to look at, and nothing else. */
const LOOKS_AT_PATHS = new Set(
  'eslint prettier mypy pyright flake8 pylint black isort mocha stylelint standard xo rubocop rspec phpcs phpcbf shellcheck yamllint markdownlint codespell bandit vulture pydocstyle tslint jshint biome oxlint vitest jest ava tap c8 nyc'.split(
    ' ',
  ),
)

function typed(plain: Plain, checkout: Checkout): Draft {
  const inner = unwrap(plain.argv)
  const argv = inner?.argv ?? plain.argv
  const [program = '', ...words] = argv
  const start = { program, through: inner?.through ?? null, env: plain.env, values: [], plain: [plain] }
  const target = byTarget(argv, plain, checkout)
  if (target !== undefined) return { ...start, ...target }
  const { rest, values } = numbers(words)
  const paths = LOOKS_AT_PATHS.has(program) ? pathsAtEnd(rest, plain, checkout) : 0
  const operand: Operand = { word: { is: 'path', must: 'exist' }, times: 'some' }
  return {
    ...start,
    values,
    subcommand: rest.slice(0, rest.length - paths),
    operands: paths === 0 ? [] : [operand],
  }
}

type Targeted = Pick<Draft, 'subcommand' | 'operands'>

function byTarget(argv: readonly string[], plain: Plain, checkout: Checkout): Targeted | undefined {
  for (const [pattern, of] of BY_TARGET) {
    const count = argv.findIndex((_, i) => pattern.test(argv.slice(0, i + 1).join(' '))) + 1
    if (count > 0 && count < argv.length) return namesOf(argv, { plain, checkout, of, count })
  }
  return undefined
}

type Named = {
  readonly plain: Plain
  readonly checkout: Checkout
  readonly of: TargetKind
  readonly count: number
}

function namesOf(argv: readonly string[], { plain, checkout, of, count }: Named): Targeted | undefined {
  const names = argv.slice(count)
  const { cwd } = plain.seen
  const declared = declaredIn(checkout, of, cwd === '.' ? '' : cwd)?.names ?? []
  const isMany = of === 'make' || of === 'rake-task'
  if (!names.every((name) => declared.includes(name)) || (names.length > 1 && !isMany)) return undefined
  const operand: Operand = { word: { is: 'target', of, named: names }, times: isMany ? 'some' : 'once' }
  return { subcommand: argv.slice(1, count), operands: [operand] }
}

/** Options at the end whose value is a number become typed; they may then stand anywhere behind the other words. */
function numbers(words: readonly string[]): { readonly rest: readonly string[]; readonly values: readonly Numbered[] } {
  const values: Numbered[] = []
  let rest = words
  for (let last = numberAtEnd(rest); last !== undefined && !words.includes('--'); last = numberAtEnd(rest)) {
    values.push(last)
    rest = rest.slice(0, last.form === 'separate' ? -2 : -1)
  }
  return { rest, values }
}

const NUMBER = { is: 'number', min: 0, max: 1_000_000 } as const

function numberAtEnd(words: readonly string[]): Numbered | undefined {
  const [option = '', last = ''] = words.slice(-2)
  const name = /^(--[a-z][\w-]+)=\d{1,6}$/.exec(last)?.[1]
  if (name !== undefined) return { names: [name], form: 'attached', word: NUMBER }
  const isPair = /^--[a-z][\w-]+$/.test(option) && /^\d{1,6}$/.test(last)
  return isPair ? { names: [option], form: 'separate', word: NUMBER } : undefined
}

/** How many words at the end are paths of the checkout that follow no option. */
function pathsAtEnd(words: readonly string[], { seen }: Plain, checkout: Checkout): number {
  const folder = seen.cwd === '.' ? '' : `${seen.cwd}/`
  let count = 0
  while (count < words.length) {
    const at = words.length - 1 - count
    const [word = '', before = ''] = [words[at], words[at - 1]]
    const path = word.replace(/^\.\//, '').replace(/\/+$/, '')
    const isThere = word === '.' || (checkout.kind(`${folder}${path}`) ?? 'symlink') !== 'symlink'
    if (!isThere || (before.startsWith('-') && !before.includes('='))) break
    count += 1
  }
  return count
}

function merged(drafts: readonly Draft[]): readonly Draft[] {
  const groups = new Map<string, Draft>()
  for (const draft of drafts) {
    const key = JSON.stringify([
      draft.program,
      draft.through,
      draft.env,
      draft.subcommand,
      draft.values,
      shapeOf(draft),
    ])
    const before = groups.get(key)
    groups.set(key, before === undefined ? draft : joined(before, draft))
  }
  return [...groups.values()]
}

function shapeOf({ operands }: Draft): unknown {
  return operands.map(({ word, times }) => [word.is === 'target' ? { is: word.is, of: word.of } : word, times])
}

function joined(a: Draft, b: Draft): Draft {
  const names = [a, b].flatMap(({ operands }) =>
    operands.flatMap(({ word }) => (word.is === 'target' ? (word.named ?? []) : [])),
  )
  const operands = a.operands.map((operand): Operand => {
    if (operand.word.is !== 'target') return operand
    return { ...operand, word: { ...operand.word, named: [...new Set(names)].sort() } }
  })
  return { ...a, operands, plain: [...a.plain, ...b.plain] }
}

/** Commands that differ in their last word alone become one entry with a choice, where that word is a plain name. */
function withChoices(drafts: readonly Draft[]): readonly Draft[] {
  const groups = Map.groupBy(drafts, (draft) => {
    const last = draft.subcommand.at(-1) ?? ''
    const isName = draft.subcommand.length > 0 && draft.operands.length === 0 && /^[A-Za-z][\w:-]*$/.test(last)
    const head = [draft.program, draft.through, draft.env, draft.values, draft.subcommand.slice(0, -1)]
    return isName ? JSON.stringify(head) : JSON.stringify([head, last, shapeOf(draft), draft.plain.length])
  })
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined || group.length < 2 || first.operands.length > 0) return group
    const values = group.map(({ subcommand }) => subcommand.at(-1) ?? '').sort()
    const choice: Operand = { word: { is: 'choice', values }, times: 'once' }
    const plain = group.flatMap((draft) => draft.plain)
    return [{ ...first, subcommand: first.subcommand.slice(0, -1), operands: [choice], plain }]
  })
}

function toRule(draft: Draft, ids: Set<string>): CommandRule | undefined {
  const { program, through, env, subcommand, values, operands } = draft
  const parsed = CommandRule.safeParse({
    id: newId(draft, ids),
    decision: 'allow',
    runs: 'repository-code',
    program,
    subcommand,
    ...(values.length === 0 ? {} : { values: values.map((value) => ({ ...value })) }),
    ...(operands.length === 0 ? {} : { operands }),
    ...(through === null ? {} : { through: [through] }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
  })
  return parsed.success ? parsed.data : undefined
}

function newId({ program, subcommand }: Draft, ids: Set<string>): string {
  const words = [program, ...subcommand.slice(0, 2)].join('-').toLowerCase()
  const start = `own.${words.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')}`.slice(0, 50)
  let id = start
  for (let i = 2; ids.has(id); i += 1) id = `${start}-${i}`
  ids.add(id)
  return id
}
