import type { Sha256 } from '../hash.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import { Intent } from '../packs/intent.ts'
import { type OnRecord, onRecord } from '../run/account.ts'
import { isErased, type RunState } from '../run/state.ts'
import { fenced, limited } from './markdown.ts'
import { placesOf } from './places.ts'
import { checkItLines, evidenceTable } from './review-evidence.ts'
import { approvalLine } from './review-reasons.ts'

const MOST_WORDS = 600

/** What was asked, who approved it, what stands where, and how anyone checks all of it without believing this text. */
export function proofText(
  state: RunState,
  documents: Documents,
  position: { readonly seq: number; readonly hash: Sha256 },
): string {
  const record = recordOf(state, documents)
  const { page, request } = placesOf(state)
  const anchor = `${position.seq}@${position.hash}`
  return [
    `**Proof of run \`${state.request?.run ?? ''}\`**, which is ${state.phase.replaceAll('_', ' ')}. All of this is read from its log.`,
    `**Asked for** in ${request}:`,
    askedFor(state, documents),
    typeof record === 'string' ? record : standingOf(state, documents, record),
    ...(typeof record === 'string'
      ? []
      : [evidenceTable(state, documents, record).join('\n'), checkItLines(state, record, anchor).join('\n')]),
    `**Ledger position** when this was asked: \`${anchor}\`. Evidence that ends before it is cut off, and \`--anchor\` notices.${page === null ? '' : ` Everything about the run: ${page} (it asks for the read token).`}`,
  ].join('\n\n')
}

/** The facts on record, or a sentence where the plan that they rest on was erased. */
function recordOf(state: RunState, documents: Documents): OnRecord | string {
  if (state.plan !== null && isErased(state, state.plan.hash))
    return '**The plan was erased**, so it is not told here. The evidence has what is left, and `agentos verify` says what is missing.'
  return onRecord(state, documents)
}

function askedFor(state: RunState, documents: Documents): string {
  const { intent } = state
  if (intent === null) return 'The request was not taken up.'
  if (isErased(state, intent)) return 'The words of the request were erased.'
  return fenced(limited(readDocument(documents, intent, Intent).goal, MOST_WORDS))
}

function standingOf(state: RunState, documents: Documents, record: OnRecord): string {
  const { delivered, merged } = state
  const { commit } = placesOf(state)
  const approved = approvalLine(state, documents, record)
  return [
    ...(approved.length === 0 ? ['- There is no plan yet, so nothing was approved'] : approved),
    delivered === null ? '- Nothing was delivered' : `- Delivered as ${commit(delivered.commit)}`,
    ...(merged === null
      ? []
      : [
          `- Merged as ${commit(merged.commit)}: what landed ${merged.same ? 'is what was approved' : '**differs from what was approved**'}`,
        ]),
  ].join('\n')
}
