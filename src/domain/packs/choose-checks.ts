import { judgeCommand } from '../control/allowlist.ts'
import type { Mode, Policy } from '../control/policy.ts'
import { quote } from '../control/quote.ts'
import type { Edit } from '../patch/edit.ts'
import type { Checkout } from '../targets/target.ts'
import { type Check, checksOf, PURPOSES, type Purpose, scriptRuns } from './checks.ts'
import { commandFactsOf } from './command-facts.ts'
import { shownBy } from './criterion-purpose.ts'

export type CheckQuestion = {
  /** The files as they are to be. */
  readonly checkout: Checkout
  readonly packageManager: string | null
  readonly policy: Policy
  readonly edits: readonly Edit[]
  readonly criteria: readonly { readonly id: string; readonly text: string }[]
  readonly mode: Mode
  /** Whether commands of the plan make files that are not known yet. */
  readonly hasRuns: boolean
}

export type ChosenCheck = {
  readonly argv: readonly string[]
  readonly criteria: readonly string[]
  readonly because: string
  /** The file that declares it; null for a command that a criterion names. */
  readonly source: string | null
}

/** The checks of a plan, in order; `noVerify` says why there is none. */
export type Choice = { readonly checks: readonly ChosenCheck[]; readonly noVerify: string | null }

/** Chooses how a change is checked: by what the repository declares, as far as the policy allows it. */
export function chooseChecks(question: CheckQuestion): Choice {
  const { checkout, packageManager } = question
  const offered = checksOf(checkout, packageManager)
  const allowed = PURPOSES.flatMap((purpose) => {
    const first = offered.find((check) => check.purpose === purpose && refusalOf(check.argv, question) === undefined)
    return first === undefined ? [] : [first]
  })
  const asked = purposesAsked(question)
  const wanted = allowed.filter((check) => asked.has(check.purpose) || isUsual(check, allowed, question))
  const chosen = wanted.map((check) => describe(check, question))
  const checks = [...chosen, ...commandsAsked(question, chosen)]
  return { checks, noVerify: checks.length > 0 ? null : whyNone(offered, question) }
}

function refusalOf(argv: readonly string[], { policy, checkout }: CheckQuestion): string | undefined {
  const verdict = judgeCommand({ argv, env: {}, cwd: '.' }, policy, commandFactsOf(checkout))
  return verdict.decision === 'deny' ? verdict.reasons.join('; ') : undefined
}

function purposesAsked({ criteria }: CheckQuestion): ReadonlySet<Purpose> {
  return new Set(
    criteria.flatMap(({ text }) => {
      const shown = shownBy(text)
      return shown?.by === 'purpose' ? [shown.purpose] : []
    }),
  )
}

/** Types, lint and tests are checked; a build stands in where there is neither a test nor a check of types. */
function isUsual(check: Check, allowed: readonly Check[], question: CheckQuestion): boolean {
  if (!question.policy.checks.includes(check.purpose)) return false
  if (isForDocuments(question)) return check.purpose === 'docs' || check.purpose === 'format' || readsDocuments(check)
  if (check.purpose === 'format' || check.purpose === 'docs') return false
  if (check.purpose === 'build') return !allowed.some(({ purpose }) => purpose === 'test' || purpose === 'typecheck')
  return check.purpose === 'test' || !isPartOfTest(check, allowed, question)
}

/** A check that the test script runs itself is not run twice. */
function isPartOfTest({ argv }: Check, allowed: readonly Check[], { checkout }: CheckQuestion): boolean {
  const isScripted = allowed.some(({ purpose, source }) => purpose === 'test' && source === 'package.json')
  return isScripted && scriptRuns(checkout, 'test', argv.at(-1) ?? '')
}

/** full_auto needs every proof that there is, so nothing is left out for it. */
function isForDocuments({ edits, mode, hasRuns }: CheckQuestion): boolean {
  return mode !== 'full_auto' && !hasRuns && edits.length > 0 && edits.every(({ path }) => isDocument(path))
}

const DOCUMENT = /\.(?:md|markdown|rst|adoc)$/i
const NAMED =
  /^(?:README|CHANGELOG|CHANGES|CONTRIBUTING|CODE_OF_CONDUCT|LICEN[CS]E|NOTICE|AUTHORS|SECURITY|SUPPORT|HISTORY)(?:\.(?:md|markdown|rst|adoc|txt))?$/i

/** Text for people: at the root, in the folders for documents, or by a name that says so. Other Markdown may be code's input. */
function isDocument(path: string): boolean {
  const parts = path.split('/')
  const name = parts.at(-1) ?? ''
  if (parts.some((part) => /^(?:tests?|__tests__|fixtures?|testdata|prompts?|templates?)$/i.test(part))) return false
  if (NAMED.test(name)) return true
  return DOCUMENT.test(name) && (parts.length === 1 || /^(?:docs?|documentation)$/i.test(parts[0] ?? ''))
}

function readsDocuments({ runs }: Check): boolean {
  return /\.md\b|markdown|remark|prettier|\bdocs?\b|\bREADME\b|\bvale\b|spell/i.test(runs)
}

const WHAT = {
  format: 'check of formatting',
  docs: 'check of documents',
  typecheck: 'check of types',
  lint: 'lint',
  build: 'build',
  test: 'tests',
} as const satisfies Readonly<Record<Purpose, string>>

function describe(check: Check, { criteria }: CheckQuestion): ChosenCheck {
  const ids = criteria.filter(({ text }) => isShown(text, check)).map(({ id }) => id)
  const because = `the repository’s own ${WHAT[check.purpose]}, declared in ${check.source}`
  return { argv: check.argv, criteria: ids, because: because.slice(0, 300), source: check.source }
}

function isShown(text: string, { purpose, argv }: Pick<Check, 'purpose' | 'argv'>): boolean {
  const shown = shownBy(text)
  if (shown === null) return false
  return shown.by === 'purpose' ? shown.purpose === purpose : isSame(shown.argv, argv)
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i])
}

/** Commands that criteria name word for word, where the policy allows them and they are not chosen already. */
function commandsAsked(question: CheckQuestion, chosen: readonly ChosenCheck[]): readonly ChosenCheck[] {
  const asked = question.criteria.flatMap(({ id, text }) => {
    const shown = shownBy(text)
    return shown?.by === 'command' ? [{ id, argv: shown.argv }] : []
  })
  const byCommand = Map.groupBy(asked, ({ argv }) => argv.join('\0'))
  return [...byCommand.values()].flatMap((same): readonly ChosenCheck[] => {
    const [first] = same
    if (first === undefined || chosen.some(({ argv }) => isSame(argv, first.argv))) return []
    if (refusalOf(first.argv, question) !== undefined) return []
    const ids = same.map(({ id }) => id)
    return [{ argv: first.argv, criteria: ids, because: `criterion ${ids.join(', ')} names it`, source: null }]
  })
}

/** The criteria that a check of the drafter's own choice shows by what it is. */
export function criteriaShown(argv: readonly string[], question: CheckQuestion): readonly string[] {
  const check = checksOf(question.checkout, question.packageManager).find((one) => isSame(one.argv, argv))
  return question.criteria
    .filter(({ text }) => {
      const shown = shownBy(text)
      if (shown?.by === 'command') return isSame(shown.argv, argv)
      return shown !== null && shown.purpose === check?.purpose
    })
    .map(({ id }) => id)
}

function whyNone(offered: readonly Check[], question: CheckQuestion): string {
  if (offered.length > 0 && isForDocuments(question)) {
    return 'only documents change, and the repository declares no check that reads them'
  }
  const test = offered.find(({ purpose }) => purpose === 'test') ?? offered[0]
  if (test === undefined) return 'the repository declares no test command'
  const refusal = refusalOf(test.argv, question) ?? 'it is not asked for'
  return `the policy does not allow ${quote(test.argv.join(' '))}: ${refusal}`.slice(0, 300)
}
