import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { prose } from '../../text/markdown.ts'
import { proofText } from '../../text/proof.ts'
import { reasonText } from '../../text/reason.ts'
import { stepReasonText } from '../../text/step-reason.ts'
import type { EventData } from '../events.ts'
import type { RunState } from '../state.ts'

/** Answers are told where they were asked for, from the log alone. */
export function onProof(state: RunState, data: EventData<'ProofTold'>, documents: Documents): readonly Effect[] {
  const text = proofText(state, documents, data.position)
  return [{ kind: 'comment', body: { number: data.number, role: 'prove', text } }]
}

export function onReason(
  state: RunState,
  { number, step }: EventData<'ReasonTold'>,
  documents: Documents,
): readonly Effect[] {
  const text = step === null ? reasonText(state, documents) : stepReasonText(state, documents, step)
  return [{ kind: 'comment', body: { number, role: 'why', text } }]
}

export function onAccountDeclined(
  _state: RunState,
  { command, number, because, rule }: EventData<'AccountDeclined'>,
): readonly Effect[] {
  const text = `**Not told**: ${prose(because)} (rule \`${rule}\`). Nothing was changed. Someone with that role says \`/agentos ${command}\`.`
  return [{ kind: 'comment', body: { number, role: command, text } }]
}
