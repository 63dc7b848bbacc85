import { short } from '../hash.ts'
import type { EventData } from '../run/events.ts'
import type { RunState } from '../run/state.ts'
import { inline, prose } from './markdown.ts'
import { count } from './words.ts'

/** Told when it happens, before anybody knows whether the change will differ. */
export function rebasedText({ base, because, times }: EventData<'RunRebased'>): string {
  return `**Rebasing** onto \`${base.sha}\` (rebase ${times}): ${prose(because)}. The plan is void for execution and nothing of it can land. Its edits are carried over and tried again; approval is asked again only if the change differs.`
}

/** What a reader of the plan must know of its rebase: whether what was approved still counts, and why. */
export function rebaseLines({ rebased }: RunState): readonly string[] {
  const { last, carried, conflicts } = rebased
  if (last === null) return []
  const anew = conflicts.map((conflict) => `- could not be carried over, so it is planned anew: ${inline(conflict)}`)
  const head = `**Rebased** onto \`${last.base.sha}\`: ${prose(last.because)}.`
  const standing = carried === null ? differs : `${sameChange(carried)} Nobody needs to approve again.`
  return [`${head} ${standing}`, ...anew, '']
}

const differs = 'What an earlier plan was approved for does not count for this one: the plan below is approved anew.'

/** Why approvals on an earlier commit count on. */
export function sameChange({ approvals, commits, diffSha256 }: EventData<'ApprovalsCarried'>): string {
  const on = commits.map((commit) => `\`${commit.slice(0, 10)}\``).join(', ')
  return `The change is the approved one, byte for byte (diff \`${short(diffSha256)}\`), with the same steps, so ${count(approvals.length, 'approval')} given on ${on} ${approvals.length === 1 ? 'counts' : 'count'} on.`
}
