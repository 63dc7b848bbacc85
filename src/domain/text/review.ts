import type { ReviewPack } from '../packs/review-pack.ts'
import { isNeutral } from '../run/neutral.ts'
import { cell, folded, inline, limited, prose } from './markdown.ts'
import { modelText } from './model-use.ts'
import type { CheckText } from './plan.ts'
import { undoneLines } from './undone.ts'
import { count } from './words.ts'

const TITLES = {
  delivered: 'Delivered: what was approved is what stands here',
  merged: 'Merged',
  closed: 'Closed without a merge',
  refused: 'Refused by a rule',
  failed: 'Failed',
  cancelled: 'Stopped',
  expired: 'Expired',
  rolled_back: 'Rolled back: another run took the change back',
} as const

function titleOf({ state, rule }: ReviewPack): string {
  return isNeutral(rule) ? 'Not planned' : TITLES[state]
}

/** The ReviewPack as the check run shows it: the verdict first, then the evidence. */
export function reviewCheck(pack: ReviewPack): CheckText {
  return { title: titleOf(pack), summary: limited(summary(pack), 50_000), text: limited(details(pack), 50_000) }
}

function summary(pack: ReviewPack): string {
  const rule = pack.rule === null ? '' : ` (rule \`${pack.rule}\`)`
  return [
    `**${titleOf(pack)}**: ${prose(pack.because)}${rule}`,
    '',
    ...howItCame(pack),
    ...(pack.delivered === null
      ? []
      : [
          'Reproduce the diff hash:',
          '',
          `\`git diff-tree -r -z --no-renames --full-index ${pack.base} ${pack.delivered.commit} | sha256sum\``,
          '',
        ]),
    '| evidence | value |',
    '|---|---|',
    `| run | \`${pack.run}\` |`,
    `| plan | ${pack.plan === null ? '–' : `\`${pack.plan.hash}\``} |`,
    `| approvals | ${pack.approvals.length === 0 ? '–' : pack.approvals.map((one) => `review ${one.reviewId} by user ${one.userId} on \`${(one.commit ?? '').slice(0, 10)}\``).join('<br>')} |`,
    `| tree | ${pack.delivered === null ? '–' : `\`${pack.delivered.tree}\``} |`,
    `| diff SHA-256 | ${pack.delivered === null ? '–' : `\`${pack.delivered.diffSha256}\``} |`,
    `| control plane | \`${pack.manifest}\` |`,
    `| questions | ${pack.asked} asked, ${pack.answered} replies |`,
    ...(pack.amended === 0 ? [] : [`| amendments | ${pack.amended}, each with a plan of its own |`]),
    ...(pack.corrected === undefined ? [] : [`| corrections | ${count(pack.corrected, 'review')} asked for changes |`]),
    ...(pack.model === null ? [] : [`| model | ${cell(modelText(pack.model))} |`]),
    '',
    ...pack.notVerified.map((note) => `- Could not be verified: ${prose(note)}`),
    ...undoneLines(pack.undone),
    `**Rollback:** ${pack.rollback}`,
    ...learned(pack),
  ].join('\n')
}

function howItCame({ byRequesterAlone, reused }: ReviewPack): readonly string[] {
  return [
    ...(byRequesterAlone ? ['**Approved by the requester alone**, as the policy of this repository allows.', ''] : []),
    ...(reused === undefined
      ? []
      : [`**Light lane**: no second job; the checks of the dry run of ${reused.since} stand.`, '']),
  ]
}

/** What later runs of the repository may know from this one, and how people make it last. */
function learned({ run, answered, corrected = 0, state }: ReviewPack): readonly string[] {
  const replies = answered === 0 ? [] : [answered === 1 ? 'what 1 reply said' : `what ${answered} replies said`]
  const corrections = corrected === 0 ? [] : [`what ${count(corrected, 'review')} asked to change`]
  const failure = state === 'failed' ? ['how it failed'] : []
  const known = [...replies, ...corrections, ...failure].join(' and ')
  if (known === '') return []
  return [
    '',
    `**Learned:** ${known}. \`agentos memory propose ${run}\` offers this as notes for \`.agentos/memory/\`; they last once people merge them.`,
  ]
}

function details(pack: ReviewPack): string {
  const steps = pack.steps.map(
    (step) =>
      `| ${step.job} | ${step.id} | ${step.kind} | ${cell(inline(step.command?.join(' ').slice(0, 200) ?? '–'))} | ${cell(prose(step.outcome))} | ${step.durationMs} ms | \`${step.receipt.slice(0, 10)}\` |`,
  )
  const gates = pack.gates.map((gate) => `| ${gate.at} | ${gate.gate} | ${gate.is} | ${cell(prose(gate.because))} |`)
  const failed = pack.failedEffects.map((effect) => `- ${effect.kind} \`${effect.key}\`: ${prose(effect.because)}`)
  return [
    '**Steps**',
    '',
    '| job | step | kind | command | outcome | time | receipt |',
    '|---|---|---|---|---|---|---|',
    ...steps,
    '',
    folded('Gates', ['| asked | gate | verdict | why |', '|---|---|---|---|', ...gates].join('\n')),
    ...(failed.length === 0 ? [] : ['', '**Effects that were given up**', ...failed]),
  ].join('\n')
}
