import type { Documents } from '../packs/documents.ts'
import type { Plan } from '../packs/plan.ts'
import { readStepReceipts } from '../packs/receipts.ts'
import { modelUsed } from '../run/model-standing.ts'
import { type RunState, told } from '../run/state.ts'
import { whatFollows } from './lane.ts'
import { fenced, inline, listed } from './markdown.ts'
import { more } from './plan-basis.ts'
import { sameChange } from './rebase.ts'
import { entitled } from './standing.ts'
import { runText } from './waiting.ts'
import { count, duration } from './words.ts'

const MOST_REASONS = 3000
const MOST_ABOUT = 150

/** How dangerous the change is and why. */
export function riskLines({ risk }: Plan): readonly string[] {
  const reasons = risk.reasons.map(({ rule, about }) => `  - ${inline(rule)}: ${inline(cut(about))}`)
  const why = reasons.length === 0 ? ': no path, size, command or mode of it speaks against it' : ', because of'
  return [`- **Risk ${risk.level}**${why}`, ...listed(reasons, MOST_REASONS, (left) => `  ${more('reasons')(left)}`)]
}

/** What was spent, and what the execution may take: measured in the dry run where there was one, else the limit alone. */
export function costLine(state: RunState, documents: Documents, { steps, limits }: Plan): string {
  const commands = steps.filter((step) => step.is !== 'edit').length
  const receipts = state.dryRun === null ? [] : readStepReceipts(documents, state.dryRun.receipts)
  const measured = receipts.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const basis = receipts.length === 0 ? 'not measured' : `about ${duration(measured)}, as the dry run took`
  const run = `${count(commands, 'command')} to run, ${basis}; stopped after ${duration(limits.runMinutes * 60_000)}`
  return `- **Cost**: ${spent(state)}; ${run}`
}

function spent({ model }: RunState): string {
  const used = modelUsed(model)
  if (used === null) return 'no model was asked'
  const { calls, inputTokens, outputTokens, costMicroUsd } = used
  const price = costMicroUsd === null ? 'the policy knows no price for it' : `$${(costMicroUsd / 1_000_000).toFixed(4)}`
  return `${count(calls, 'call')} of ${inline(`${used.model} at ${used.host}`)} used ${inputTokens} + ${outputTokens} tokens (${price})`
}

/** Every path is locked from the approval on. Who holds one already is told before anyone approves. */
export function lockLines({ proposed }: RunState, { locks }: Plan): readonly string[] {
  const held = (proposed?.heldByOthers ?? []).map(
    ({ key, run, number, since, until }) =>
      `  - ${inline(cut(key))} is held by ${runText(run, number)}${since === undefined ? '' : ` since ${since}`}, at the latest until ${until}`,
  )
  const line =
    proposed?.waiting === undefined ? [] : [`  - ${count(proposed.waiting, 'run')} in line before this one already`]
  const waits = held.length + line.length === 0 ? '' : '; **this run would have to wait**'
  const patterns = locks.filter((key) => key.startsWith('glob:')).length
  const reserved = [
    count(locks.length - patterns, 'path'),
    ...(patterns === 0 ? [] : [count(patterns, 'output pattern')]),
  ]
  return [`- **Locks**: ${reserved.join(' and ')}, taken after the approval${waits}`, ...held, ...line]
}

export function undoLine({ edits, base }: Plan): string {
  return `- **Undo**: before the merge close this pull request; after it \`/agentos rollback\` brings ${count(edits.length, 'path')} back to \`${base.sha.slice(0, 10)}\``
}

/** Who acts next, what then happens by itself, and the words for everything else. */
export function nextLines(state: RunState, documents: Documents, needed: number): readonly string[] {
  const { carried } = state.rebased
  if (carried !== null)
    return [
      `**Next:** nobody needs to act. ${sameChange(carried)} AgentOS asks every gate again. To end it instead:`,
      '',
      fenced('/agentos stop'),
    ]
  const commit = state.proposed?.commit ?? null
  const who = needed === 1 ? 'someone' : `${needed} people`
  const at = commit === null ? '' : ` at \`${commit}\``
  const until = state.proposed === null ? '' : `, before ${told(state.proposed, 'the proposal').deadline}`
  return [
    `**Next:** ${who} ${entitled(state, documents)} ${needed === 1 ? 'approves' : 'approve'} this pull request${at} with a review${until}. ${whatFollows(state, documents)} People merge as they always do. To change the request, or to end it, instead:`,
    '',
    fenced('/agentos amend TEXT'),
    '',
    fenced('/agentos stop'),
  ]
}

function cut(text: string): string {
  return text.length <= MOST_ABOUT ? text : `${text.slice(0, MOST_ABOUT / 2)}…${text.slice(-MOST_ABOUT / 2)}`
}
