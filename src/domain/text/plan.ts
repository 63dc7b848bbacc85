import { short } from '../hash.ts'
import type { Documents } from '../packs/documents.ts'
import { readDocument } from '../packs/documents.ts'
import { Examined } from '../packs/examined.ts'
import { Plan } from '../packs/plan.ts'
import { type RunState, told } from '../run/state.ts'
import { laneLine } from './lane.ts'
import { folded, inline } from './markdown.ts'
import { answerLines, assumptionLines, criterionLines, requestText, sourceLine } from './plan-basis.ts'
import { diffBlock, fileLines, isLong, secretLines, stepLines } from './plan-change.ts'
import { costLine, lockLines, nextLines, riskLines, undoLine } from './plan-terms.ts'
import { rebaseLines } from './rebase.ts'
import { undoingLines } from './undone.ts'
import { count } from './words.ts'

export type CheckText = { readonly title: string; readonly summary: string; readonly text: string }

/** What a check run's text, and a comment beside everything else, have room for; GitHub takes 65,535 and 65,536. */
const DIFF_IN_CHECK = 50_000
const DIFF_IN_COMMENT = 18_000

/** The binding rendering of a Plan: the text of the check run that only the App can write. */
export function planCheck(state: RunState, documents: Documents, needed: number): CheckText {
  const plan = planIn(state, documents)
  const { hash } = told(state.plan, 'the plan')
  const title = `Plan ${short(hash)}: ${count(plan.edits.length, 'file')}, ${count(commands(plan), 'command')}, lane ${plan.lane}`
  return {
    title,
    summary: planBody(state, documents, needed, []),
    text: `The exact change (diff SHA-256 \`${plan.diffSha256}\`):\n\n${diffBlock(state, documents, DIFF_IN_CHECK)}`,
  }
}

/** The plan comment: what, why, diff, commands, risk, what happens next, readable in a minute. */
export function planComment(state: RunState, documents: Documents, needed: number): string {
  const diff = diffBlock(state, documents, DIFF_IN_COMMENT)
  return [
    planBody(state, documents, needed, ['', isLong(diff) ? folded('The exact change', diff) : diff]),
    '',
    '<sub>The check run `agentos/plan` on this commit is the binding text; this comment repeats it.</sub>',
  ].join('\n')
}

/** `change` is the diff where it is shown among the rest: GitHub shows it beside a check's summary. */
function planBody(state: RunState, documents: Documents, needed: number, change: readonly string[]): string {
  const plan = planIn(state, documents)
  const { hash } = told(state.plan, 'the plan')
  const examined = examinedIn(state, documents)
  const size = examined === null ? '' : ` (+${examined.added} −${examined.removed} lines)`
  return [
    `**Plan \`${short(hash)}\`** · ${count(plan.edits.length, 'file')}${size} · ${count(commands(plan), 'command')} · risk ${plan.risk.level}, lane ${plan.lane}`,
    '',
    ...rebaseLines(state),
    '**What is wanted**',
    '',
    requestText(state, documents),
    '',
    ...sourceLine(state, documents),
    ...undoingLines(state, documents, plan),
    ...answerLines(state, documents, plan),
    ...assumptionLines(plan),
    '**What changes**',
    '',
    ...fileLines(plan),
    ...secretLines(examined),
    ...change,
    '',
    '**Steps** as the dry run measured them',
    '',
    ...stepLines(state, documents, plan),
    '',
    ...criterionLines(state, documents, plan),
    ...riskLines(plan),
    laneLine(state, documents, needed),
    costLine(state, documents, plan),
    ...lockLines(state, plan),
    undoLine(plan),
    `- **Made by** ${plan.drafter.is} ${inline(`${plan.drafter.name}@${plan.drafter.version}`)} on base \`${plan.base.sha}\`; the tree will be \`${plan.predictedTree}\``,
    '',
    ...nextLines(state, documents, needed),
    '',
    `<sub>Plan hash \`${hash}\`</sub>`,
  ].join('\n')
}

function examinedIn(state: RunState, documents: Documents): Examined | null {
  const examined = state.plan?.examined ?? null
  return examined === null ? null : readDocument(documents, examined, Examined)
}

export function planIn(state: RunState, documents: Documents): Plan {
  return readDocument(documents, told(state.plan, 'the plan').hash, Plan)
}

function commands({ steps }: Plan): number {
  return steps.filter((step) => step.is !== 'edit').length
}
