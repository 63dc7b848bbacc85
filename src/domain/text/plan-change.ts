import type { Documents } from '../packs/documents.ts'
import { readDocument } from '../packs/documents.ts'
import { Examined } from '../packs/examined.ts'
import type { Plan, Step } from '../packs/plan.ts'
import { readStepReceipts } from '../packs/receipts.ts'
import type { Edit, FileMode } from '../patch/edit.ts'
import type { RunState } from '../run/state.ts'
import { cell, fenced, folded, inline, listed, prose, sizeOf, start } from './markdown.ts'
import { count, duration } from './words.ts'

const FILES_AT_A_GLANCE = 12
const MOST_FILES = 5000
const MOST_STEPS = 9000
const MOST_COMMAND = 200
const MOST_PATH = 200

export function fileLines({ edits }: Plan): readonly string[] {
  const lines = edits.map(editLine)
  const [first, others] = [lines.slice(0, FILES_AT_A_GLANCE), lines.slice(FILES_AT_A_GLANCE)]
  const shown = listed(first, MOST_FILES, moreFiles)
  if (others.length === 0) return shown
  return [...shown, '', folded(count(others.length, 'more file'), listed(others, MOST_FILES, moreFiles).join('\n'))]
}

export function editLine(edit: Edit): string {
  return `- ${verb(edit)} ${path(edit.path)}${note(edit)}`
}

const MOST_SECRET_LINES = 2000

/** Secrets that stood in the edited files before: the change is not theirs to bear, but whoever approves shall know. */
export function secretLines(examined: Examined | null): readonly string[] {
  const standing = examined?.standing ?? []
  if (standing.length === 0) return []
  const lines = standing.map(({ path: file, kind, line }) => `- ${path(file)} line ${line} [${inline(kind)}]`)
  return [
    '',
    '**Secrets that stand in these files already**, and stay: the change neither brings nor removes them. Make each invalid where it came from.',
    '',
    ...listed(lines, MOST_SECRET_LINES, (left) => `- and ${left} more`),
  ]
}

const moreFiles = (left: number) => `- and ${left} more; *Files changed* shows every one`

function verb({ before, after }: Edit): string {
  if (before === null) return 'create'
  return after === null ? 'delete' : 'change'
}

const KIND: { readonly [M in FileMode]: string } = {
  '100644': 'a plain file',
  '100755': 'a program',
  '120000': 'a symbolic link',
  '160000': 'a submodule',
}

/** What a path becomes, where that is not what everybody expects. */
function note({ before, after }: Edit): string {
  if (after === null || after.mode === (before?.mode ?? '100644')) return ''
  return ` (${before === null ? '' : 'becomes '}${KIND[after.mode]})`
}

/** A long path keeps both ends, which tell it from its neighbours. */
function path(text: string): string {
  if (text.length <= MOST_PATH) return inline(text)
  return inline(`${text.slice(0, MOST_PATH / 2)}…${text.slice(-MOST_PATH / 2)}`)
}

/** The change as people read it, cut where it is too long for its place, with where to read the rest. */
export function diffBlock(state: RunState, documents: Documents, most: number): string {
  const text = diffText(state, documents)
  const shown = start(text, most).trimEnd()
  const block = fenced(shown, 'diff')
  if (shown === text.trimEnd()) return block
  const lines = text.slice(shown.length).trim().split('\n').length
  const rest =
    state.pullRequest === null ? 'the evidence has them' : '*Files changed* of this pull request shows them all'
  return `${block}\n\n**Cut here:** ${lines} more lines of the change; ${rest}.`
}

const SHORT_BYTES = 3500
const SHORT_LINES = 50

export function isLong(block: string): boolean {
  return sizeOf(block) > SHORT_BYTES || block.split('\n').length > SHORT_LINES
}

export function diffText(state: RunState, documents: Documents): string {
  const examined = state.plan?.examined ?? null
  return examined === null ? 'The diff was not rendered.' : readDocument(documents, examined, Examined).diff
}

/** Each step with what it is for and what it came to. */
export function stepLines(state: RunState, documents: Documents, plan: Plan): readonly string[] {
  const receipts = state.dryRun === null ? [] : readStepReceipts(documents, state.dryRun.receipts)
  const rows = plan.steps.map((step, index) => {
    const receipt = receipts[index]
    const outcome = receipt === undefined ? 'not run' : `${receipt.outcome.is} in ${duration(receipt.durationMs)}`
    return `| \`${step.id}\` | ${purposeOf(step)} | ${cell(command(step))} | ${outcome} |`
  })
  const missing =
    plan.noVerify === null
      ? []
      : ['', `**No step verifies this change:** ${prose(plan.noVerify)}. Whoever approves answers for it.`]
  return [
    '| step | what for | command | dry run |',
    '|---|---|---|---|',
    ...listed(rows, MOST_STEPS, moreSteps),
    ...missing,
  ]
}

const moreSteps = (left: number) => `| … | and ${count(left, 'more step')} | the evidence has them all | |`

/** What a step is for, as part of a cell. */
export function purposeOf(step: Step): string {
  return purposeBy[step.is](step)
}

const purposeBy: { readonly [K in Step['is']]: (step: Step) => string } = {
  prepare: () => 'makes the checkout runnable; may write only what git ignores',
  edit: () => 'writes the exact change above',
  run: (step) =>
    step.is === 'run' ? `brings forth ${count(step.outputs.length, 'declared output')}, taken as exact bytes` : '',
  verify: (step) =>
    step.is === 'verify' && step.criteria.length > 0
      ? `proves ${step.criteria.map((id) => cell(inline(id))).join(', ')}`
      : 'must end well; what it writes is thrown away',
}

function command(step: Step): string {
  if (step.is === 'edit') return count(step.edits.length, 'file')
  const outputs = step.is === 'run' ? ` → ${step.outputs.join(', ')}` : ''
  const hosts = step.is === 'prepare' || step.hosts === undefined ? '' : ` (may reach ${step.hosts.join(', ')})`
  const text = `${step.argv.join(' ')}${outputs}${hosts}`
  return inline(text.length <= MOST_COMMAND ? text : `${text.slice(0, MOST_COMMAND)}…`)
}
