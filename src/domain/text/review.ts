import { short } from '../hash.ts'
import type { Documents } from '../packs/documents.ts'
import type { ReviewPack } from '../packs/review-pack.ts'
import { isNeutral } from '../run/neutral.ts'
import { isUntouched, type RunState } from '../run/state.ts'
import { listed, prose } from './markdown.ts'
import type { CheckText } from './plan.ts'
import { reviewDetails } from './review-details.ts'
import { checkItLines, evidenceTable } from './review-evidence.ts'
import { reasonLines } from './review-reasons.ts'
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

/**
 * The ReviewPack as the check run shows it: the verdict, who acts next and why on the first screen, then what cannot be
 * verified, then the means to verify the rest; the details are below. Every list is bounded, so nothing is cut off.
 */
export function reviewCheck(state: RunState, documents: Documents, pack: ReviewPack): CheckText {
  return { title: titleOf(pack), summary: summary(state, documents, pack), text: reviewDetails(pack) }
}

const MOST_UNVERIFIED = 6000

function summary(state: RunState, documents: Documents, pack: ReviewPack): string {
  return [
    [verdict(pack), ...nextLine(state, pack)].join(' '),
    reasonLines(state, documents, pack).join('\n'),
    ...unverifiedLines(pack),
    ...undone(pack),
    checkItLines(state, pack).join('\n'),
    evidenceTable(state, documents, pack).join('\n'),
    ...asked(pack),
    ...learned(pack),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** An account of something good needs no rule; the reason of a delivery is its title. */
function verdict(pack: ReviewPack): string {
  const { rule, because, state } = pack
  if (state === 'delivered') return `**${titleOf(pack)}.**`
  return `**${titleOf(pack)}**: ${prose(because)}${rule === null ? '' : ` (rule \`${rule}\`)`}.`
}

function nextLine(state: RunState, { state: ended, delivered }: ReviewPack): readonly string[] {
  const { pullRequest, end } = state
  if (ended === 'delivered' || ended === 'merged')
    return pullRequest === null ? [] : [afterDelivery(ended, pullRequest.number)]
  const nothing = isUntouched(state)
    ? 'Nothing was executed on an approval, and nothing was merged.'
    : 'Nothing was merged.'
  return [...(delivered === null ? [nothing] : []), ...(end === null ? [] : [`**Next:** ${prose(end.next)}.`])]
}

function afterDelivery(ended: 'delivered' | 'merged', number: number): string {
  const back = `To take it back say \`/agentos rollback\` on #${number}.`
  return ended === 'merged' ? back : `**Next:** people merge #${number} as they always do. ${back}`
}

function unverifiedLines({ notVerified, baseMovedTo, base }: ReviewPack): readonly string[] {
  const moved =
    baseMovedTo === undefined
      ? []
      : [
          `- The base branch stood at \`${short(baseMovedTo)}\` when it was last looked at; this was made and tried on \`${short(base)}\`.`,
        ]
  const lines = [...notVerified.map((note) => `- ${prose(note)}`), ...moved]
  if (lines.length === 0) return []
  return [`**Could not be verified**\n\n${listed(lines, MOST_UNVERIFIED, (left) => `- and ${left} more`).join('\n')}`]
}

function undone({ undone: compared }: ReviewPack): readonly string[] {
  return compared === undefined ? [] : [undoneLines(compared).join('\n').trimEnd()]
}

/** How people took part beside approving. */
function asked(pack: ReviewPack): readonly string[] {
  const { asked: questions, answered, amended, corrected } = pack
  const parts = [
    ...(questions === 0
      ? []
      : [`${count(questions, 'question')} asked, ${answered === 1 ? '1 reply' : `${answered} replies`}`]),
    ...(amended === 0 ? [] : [`amended ${amended === 1 ? 'once' : `${amended} times`}, each with a plan of its own`]),
    ...(corrected === undefined ? [] : [`${count(corrected, 'review')} asked for changes`]),
  ]
  return parts.length === 0 ? [] : [`**On the way:** ${parts.join('; ')}.`]
}

/** What later runs of the repository may know from this one, and how people make it last. */
function learned({ run, answered, corrected = 0, state }: ReviewPack): readonly string[] {
  const replies = answered === 0 ? [] : [answered === 1 ? 'what 1 reply said' : `what ${answered} replies said`]
  const corrections = corrected === 0 ? [] : [`what ${count(corrected, 'review')} asked to change`]
  const failure = state === 'failed' ? ['how it failed'] : []
  const known = [...replies, ...corrections, ...failure].join(' and ')
  if (known === '') return []
  return [
    `**Learned:** ${known}. \`agentos memory propose ${run}\` offers this as notes for \`.agentos/memory/\`; they last once people merge them.`,
  ]
}
