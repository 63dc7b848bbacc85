import { type Sha256, short } from '../hash.ts'
import type { Documents } from '../packs/documents.ts'
import { readDocument } from '../packs/documents.ts'
import { Intent } from '../packs/intent.ts'
import { modelUsed } from '../run/model-standing.ts'
import { isErased, type RunState, reusedSince } from '../run/state.ts'
import { intentText } from './intent.ts'
import { keptFromLight } from './lane.ts'
import { cell, fenced, folded } from './markdown.ts'
import { modelText } from './model-use.ts'
import { requestedBy, standingInMarkdown } from './standing.ts'
import { lineText, waitText } from './waiting.ts'

/** The one status card of a run: who acts next, the exact next words, and five rows. */
export function cardText(state: RunState, documents: Documents): string {
  const { headline, next, say } = standingInMarkdown(state, documents)
  const lines = [headline, '', `${next}${say === null ? '.' : ':'}`]
  if (say !== null) lines.push(fenced(say))
  lines.push('', '| | |', '|---|---|', ...rows(state, documents).map(([name, value]) => `| ${name} | ${value} |`))
  if (state.intent !== null) lines.push('', requestText(state.intent, state, documents))
  lines.push('', `<sub>run \`${state.request?.run ?? ''}\` · \`/agentos status\` · \`/agentos help\`</sub>`)
  return lines.join('\n')
}

function requestText(intent: Sha256, state: RunState, documents: Documents): string {
  if (isErased(state, intent)) return 'What was asked for was erased.'
  return folded('The request as it was understood', goalText(state, documents))
}

function rows(state: RunState, documents: Documents): readonly (readonly [string, string])[] {
  return [
    [
      'Request',
      `by ${requestedBy(state, documents)}, mode ${state.mode}, base \`${short(state.request?.base.sha ?? '')}\``,
    ],
    ...(state.model === null ? [] : [['Model', cell(modelText(modelUsed(state.model)))] as const]),
    [
      'Plan',
      state.plan === null
        ? '–'
        : `\`${short(state.plan.hash)}\`, lane ${state.plan.lane}${cell(keptFromLight(state, documents))}`,
    ],
    [
      'Approval',
      state.approvals.length === 0
        ? '–'
        : `${state.approvals.length} on \`${short(state.proposed?.commit ?? 'this machine')}\``,
    ],
    ...lockRows(state),
    ['Execution', execution(state)],
    [
      'Evidence',
      state.delivered === null
        ? '–'
        : `commit \`${short(state.delivered.commit)}\`, diff \`${short(state.delivered.diffSha256)}\``,
    ],
  ]
}

/** Whom the run waits for, or what it keeps others from. */
function lockRows({ wait, locks }: RunState): readonly (readonly [string, string])[] {
  if (wait !== null) return [['Locks', cell(`${waitText(wait)}; ${lineText(wait)}`)]]
  return locks === null ? [] : [['Locks', `held by this run, token ${locks.token}`]]
}

function execution(state: RunState): string {
  if (state.delivery === null) return '–'
  const receipts = `${state.delivery.receipts.length} signed receipts`
  const since = reusedSince(state)
  return since === null ? receipts : `${receipts} of the dry run of ${since}; no second job`
}

export function goalText(state: RunState, documents: Documents): string {
  if (state.intent === null) return ''
  const intent = readDocument(documents, state.intent, Intent)
  return intentText(intent)
}
