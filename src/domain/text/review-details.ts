import type { Costs, ReviewPack, StepAccount } from '../packs/review-pack.ts'
import { cell, folded, inline, listed, prose } from './markdown.ts'
import { dollars } from './model-use.ts'
import { choosesLane, commandOf, jobName, stoodInTheWay } from './review-reasons.ts'
import { count, duration } from './words.ts'

const MOST_STEPS = 14_000
const MOST_GATES = 14_000
const MOST_STOPPED = 6000
const MOST_RISKS = 3000
const MOST_FAILED = 5000
const OPEN_STEPS = 12

/** What stands below the first screen: steps, gates, costs, risk and how to take the change back. */
export function reviewDetails(pack: ReviewPack): string {
  return [
    ...stepsPart(pack),
    ...gatesPart(pack),
    ...costsPart(pack),
    ...riskPart(pack),
    ...failedPart(pack),
    ...(pack.delivered === null ? [] : [folded('How to take it back', pack.rollback)]),
  ].join('\n\n')
}

function stepsPart({ steps }: ReviewPack): readonly string[] {
  if (steps.length === 0) return ['**Steps**: no job ran.']
  const rows = listed(
    steps.map(stepRow),
    MOST_STEPS,
    (left) => `| … | ${count(left, 'more step')} | the evidence has them all | | | | |`,
  )
  const table = [
    '| job | step | command | ended | took | sandbox | receipt |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
  return steps.length > OPEN_STEPS
    ? [folded(`${count(steps.length, 'step')} and their receipts`, table)]
    : ['**Steps**', table]
}

function stepRow(step: StepAccount): string {
  const proves = step.criteria === undefined ? '' : `, proves ${step.criteria.map(inline).join(', ')}`
  return `| ${[
    jobName(step),
    `\`${step.id}\`${step.id === step.kind ? '' : `, ${step.kind}`}${cell(proves)}`,
    cell(commandOf(step)),
    cell(endOf(step)),
    step.durationMs < 1000 ? `${step.durationMs} ms` : duration(step.durationMs),
    cell(sandboxOf(step)),
    `\`${step.receipt.slice(0, 10)}\``,
  ].join(' | ')} |`
}

function endOf({ outcome, exitCode, ended }: StepAccount): string {
  const end =
    exitCode === undefined ? '' : exitCode === null ? `, ${prose(ended ?? 'no exit code')}` : `, exit ${exitCode}`
  return `${prose(outcome)}${end}`
}

/** Every command runs in the sandbox, and edits run none. */
function sandboxOf({ command, network }: StepAccount): string {
  if (command === null) return 'no command ran'
  if (network === undefined) return 'sandboxed'
  if (network.hosts.length === 0) return 'sandboxed, no network'
  const { reached, refused, failed } = network
  const hosts = network.hosts.slice(0, 5).map(inline).join(', ')
  return `sandboxed, may reach ${hosts}: ${reached} reached, ${refused} refused, ${failed} failed`
}

function gatesPart(pack: ReviewPack): readonly string[] {
  const { gates } = pack
  if (gates.length === 0) return []
  const stopped = stoodInTheWay(pack)
  const head = ['| asked at | gate | verdict | why |', '|---|---|---|---|']
  const table = (rows: ReviewPack['gates'], most: number) =>
    [...head, ...listed(rows.map(gateRow), most, moreVerdicts)].join('\n')
  return [
    ...(stopped.length === 0 ? [] : ['**What did not pass**', table(stopped, MOST_STOPPED)]),
    folded(`Every gate that was asked (${count(gates.length, 'verdict')})`, table(gates, MOST_GATES)),
  ]
}

const moreVerdicts = (left: number) => `| … | ${count(left, 'more verdict')} | | the evidence has them all |`

/** A condition of the light lane that does not hold keeps nothing from going on. */
function gateRow({ at, gate, is, because }: ReviewPack['gates'][number]): string {
  const said = choosesLane(at) ? 'not met' : `**${is}**`
  return `| ${at} | ${gate} | ${is === 'passed' ? is : said} | ${cell(prose(because))} |`
}

function costsPart({ costs, model }: ReviewPack): readonly string[] {
  if (costs === undefined) return []
  const rows = [...modelRows(costs.model, model), ...jobRows(costs.jobs)]
  if (rows.length === 0) return ['**Costs**: no model was asked and no job was started.']
  return ['**Costs**', ['| what | reserved | used |', '|---|---|---|', ...rows].join('\n')]
}

function modelRows(costs: Costs['model'], model: ReviewPack['model']): readonly string[] {
  if (costs === null) return []
  const who = model === null ? 'model' : `${count(model.calls, 'call')} of ${cell(inline(model.model))}`
  return [
    `| tokens, ${who} | ${costs.reservedTokens} | ${costs.usedTokens} |`,
    `| money | ${moneyOf(costs.reservedMicroUsd)} | ${moneyOf(costs.usedMicroUsd)} |`,
  ]
}

function moneyOf(micro: number | null): string {
  return micro === null ? 'the policy knows no price' : dollars(micro)
}

const MOST_JOBS = 10

function jobRows(jobs: Costs['jobs']): readonly string[] {
  const rows = jobs.map(
    ({ purpose, reservedMs, usedMs }) =>
      `| job \`${purpose}\` | ${duration(reservedMs)} | ${usedMs === null ? 'not measured' : duration(usedMs)} |`,
  )
  const left = rows.length - MOST_JOBS
  return left <= 0
    ? rows
    : [...rows.slice(0, MOST_JOBS), `| ${count(left, 'more job')} | the evidence has them all | |`]
}

function riskPart({ plan, gates }: ReviewPack): readonly string[] {
  if (plan === null) return []
  const reasons = plan.risk.reasons.map(({ rule, about }) => `- ${inline(rule)}: ${inline(about.slice(0, 150))}`)
  const kept = gates.filter(({ at, is }) => is !== 'passed' && choosesLane(at))
  const lane = kept.map(({ because }) => `- not the light lane: ${prose(because)}`)
  const why = reasons.length === 0 ? ': no path, size, command or mode of the change speaks against it' : ''
  const lines = listed([...reasons, ...lane], MOST_RISKS, (left) => `- and ${left} more; the evidence has them all`)
  return [
    [`**Risk ${plan.risk.level}, lane ${plan.lane}**${why}`, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n'),
  ]
}

function failedPart({ failedEffects }: ReviewPack): readonly string[] {
  if (failedEffects.length === 0) return []
  const lines = failedEffects.map((effect) => `- ${effect.kind} \`${effect.key}\`: ${prose(effect.because)}`)
  return ['**Given up**', listed(lines, MOST_FAILED, (left) => `- and ${left} more`).join('\n')]
}
