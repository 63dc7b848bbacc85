import { short } from '../hash.ts'
import type { Documents } from '../packs/documents.ts'
import { readDocument } from '../packs/documents.ts'
import { Examined } from '../packs/examined.ts'
import { Plan, type Step } from '../packs/plan.ts'
import { readStepReceipts } from '../packs/receipts.ts'
import { type RunState, told } from '../run/state.ts'
import { goalText } from './card.ts'
import { cell, fenced, folded, inline, limited, prose } from './markdown.ts'
import { entitled } from './standing.ts'

export type CheckText = { readonly title: string; readonly summary: string; readonly text: string }

/** The binding rendering of a Plan: the text of the check run that only the App can write. */
export function planCheck(state: RunState, documents: Documents, needed: number): CheckText {
  const plan = planIn(state, documents)
  const { hash } = told(state.plan, 'the plan')
  const title = `Plan ${short(hash)}: ${count(plan.edits.length, 'file')}, ${count(commands(plan).length, 'command')}, lane ${plan.lane}`
  const diff = limited(diffText(state, documents), 40_000)
  return {
    title,
    summary: limited(planBody(state, documents, needed), 50_000),
    text: `The exact change (diff SHA-256 \`${plan.diffSha256}\`):\n\n${fenced(diff, 'diff')}`,
  }
}

/** The plan comment: what, why, diff, commands, risk, what happens next, readable in a minute. */
export function planComment(state: RunState, documents: Documents, needed: number): string {
  const diff = limited(diffText(state, documents), 20_000)
  return [
    planBody(state, documents, needed),
    '',
    folded('The exact change', fenced(diff, 'diff')),
    '',
    '<sub>The check run `agentos/plan` on this commit is the binding text; this comment repeats it.</sub>',
  ].join('\n')
}

function planBody(state: RunState, documents: Documents, needed: number): string {
  const plan = planIn(state, documents)
  const { hash } = told(state.plan, 'the plan')
  const commit = state.proposed?.commit ?? null
  return [
    `**Plan \`${short(hash)}\`** · ${count(plan.edits.length, 'file')} · lane ${plan.lane} (risk ${plan.risk.level})`,
    '',
    goalText(state, documents),
    '',
    '**Files**',
    ...plan.edits
      .slice(0, 50)
      .map(
        (edit) =>
          `- ${edit.before === null ? 'create' : edit.after === null ? 'delete' : 'change'} ${inline(edit.path)}`,
      ),
    ...(plan.edits.length > 50 ? [`- and ${plan.edits.length - 50} more`] : []),
    '',
    '**Steps** as the dry run measured them',
    '',
    ...stepTable(state, documents, plan),
    '',
    ...riskLines(plan),
    `Drafted by ${plan.drafter.is} ${inline(`${plan.drafter.name}@${plan.drafter.version}`)}. Base \`${plan.base.sha}\`, predicted tree \`${plan.predictedTree}\`.`,
    '',
    `**Next:** ${needed === 1 ? 'someone' : `${needed} people`} ${entitled(state, documents)} ${needed === 1 ? 'approves' : 'approve'} this pull request${commit === null ? '' : ` at \`${commit}\``} with a review. Then exactly these bytes land, or nothing. To end it: \`/agentos stop\`.`,
    '',
    `Plan hash \`${hash}\``,
  ].join('\n')
}

function stepTable(state: RunState, documents: Documents, plan: Plan): string[] {
  const receipts = state.dryRun === null ? [] : readStepReceipts(documents, state.dryRun.receipts)
  const rows = plan.steps.map((step, index) => {
    const receipt = receipts[index]
    const outcome = receipt === undefined ? 'not run' : `${receipt.outcome.is} in ${receipt.durationMs} ms`
    return `| ${step.id} | ${step.is} | ${cell(inline(stepText(step)))} | ${cell(outcome)} |`
  })
  const missing = plan.noVerify === null ? [] : ['', `**No step verifies this change:** ${prose(plan.noVerify)}`]
  return ['| step | kind | what | dry run |', '|---|---|---|---|', ...rows, ...missing]
}

function stepText(step: Step): string {
  if (step.is === 'edit') return count(step.edits.length, 'exact edit')
  const outputs = step.is === 'run' ? ` → ${step.outputs.join(', ')}` : ''
  return `${step.argv.join(' ')}${outputs}`.slice(0, 300)
}

function riskLines(plan: Plan): string[] {
  if (plan.risk.reasons.length === 0) return []
  return ['**Risk**', ...plan.risk.reasons.slice(0, 20).map(({ rule, about }) => `- ${rule}: ${inline(about)}`), '']
}

export function diffText(state: RunState, documents: Documents): string {
  const examined = state.plan?.examined ?? null
  return examined === null ? 'The diff was not rendered.' : readDocument(documents, examined, Examined).diff
}

export function planIn(state: RunState, documents: Documents): Plan {
  return readDocument(documents, told(state.plan, 'the plan').hash, Plan)
}

function commands(plan: Plan): readonly Step[] {
  return plan.steps.filter((step) => step.is !== 'edit')
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
