import type { ObjectId } from '../hash.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import { Examined } from '../packs/examined.ts'
import { Intent } from '../packs/intent.ts'
import type { Plan } from '../packs/plan.ts'
import { count } from '../text/words.ts'
import { isErased, type RunState, reusedSince, told } from './state.ts'

type About = { readonly state: RunState; readonly documents: Documents; readonly plan: Plan }

/** What the account cannot vouch for, in words for people: nothing is listed that the run never came to. */
export function unverified(
  state: RunState,
  documents: Documents,
  { plan, landedAs }: { readonly plan: Plan | null; readonly landedAs: ObjectId | null },
): string[] {
  const isLocal = state.request?.venue === 'local'
  return [
    ...(plan === null ? [] : planNotes({ state, documents, plan })),
    ...(state.delivery?.reproduced === false
      ? ['The execution did not reproduce the frozen outputs; the approved bytes were landed.']
      : []),
    ...(reusedSince(state) === null
      ? []
      : ['No command was run a second time: a check that is green only now and then was seen once.']),
    ...(landedAs === null ? [] : [untraced(landedAs, state)]),
    ...(isLocal ? ['GitHub attested nothing: request, approval and job are this machine’s own word.'] : []),
    ...(isLocal || state.approvals.length === 0 ? [] : [WORD_OF_THE_KEY]),
  ]
}

const WORD_OF_THE_KEY =
  'GitHub’s own record of the approval is not in the evidence: that it was given is the word of the key of AgentOS.'

/** A merge commit has a message of its own, and the delivered commit beside it; a squash has no more than its message. */
function untraced(landedAs: ObjectId, { delivered }: RunState): string {
  const { commit } = told(delivered, 'the delivery')
  return (
    `The trailers of ${landedAs} do not lead to this run: from that commit alone it cannot be traced. ` +
    `Where ${commit} stands in its history, that one leads here.`
  )
}

function planNotes(about: About): readonly string[] {
  const { noVerify, assumptions } = about.plan
  return [
    ...(noVerify === null ? [] : [`No step verified the change: ${noVerify}`]),
    ...unproved(about),
    ...(assumptions.length === 0
      ? []
      : [`${count(assumptions.length, 'thing')} was taken for granted, nobody was asked.`]),
    ...unreadable(about),
  ]
}

/** What was asked for and no step is to prove. */
function unproved({ state, documents, plan }: About): readonly string[] {
  const hash = told(state.intent, 'the intent')
  if (isErased(state, hash)) return ['What was asked for was erased, so it cannot be told whether a step proves it.']
  const { criteria } = readDocument(documents, hash, Intent)
  const proved = new Set(plan.steps.flatMap((step) => (step.is === 'verify' ? step.criteria : [])))
  const left = criteria.filter(({ id }) => !proved.has(id)).map(({ id }) => id)
  if (left.length === 0) return []
  const names = left.length > MOST_NAMED ? '' : `: ${left.join(', ')}`
  const some =
    left.length === criteria.length ? 'what was asked for' : `${left.length} of ${criteria.length} things asked for`
  return [`No step proves ${some}${names}.`]
}

const MOST_NAMED = 10

/** Paths of which reviewers saw that they change, and not how. */
function unreadable({ state, documents }: About): readonly string[] {
  const examined = state.plan?.examined ?? null
  if (examined === null || isErased(state, examined)) return []
  const unread = readDocument(documents, examined, Examined).unread ?? []
  return unread.length === 0 ? [] : [`${count(unread.length, 'path')} of the change could not be shown as text.`]
}
