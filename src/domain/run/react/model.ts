import { plus } from '../../clock.ts'
import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import type { EventData } from '../events.ts'
import { type RunState, told } from '../state.ts'
import { draft } from './intend.ts'

export function onModelCallReserved(_state: RunState, data: EventData<'ModelCallReserved'>): readonly Effect[] {
  const { request, host, model, protocol, maxOutputTokens, capability, waitMs } = data
  return [{ kind: 'ask-model', body: { request, host, model, protocol, maxOutputTokens, capability, waitMs } }]
}

/** An answer is read by the next turn of the draft; a call to be made again later waits for its time. */
export function onModelCallSettled(
  state: RunState,
  data: EventData<'ModelCallSettled'>,
  documents: Documents,
): readonly Effect[] {
  if (data.leadsTo === 'draft') return [draft(state, documents, told(state.model, 'the model').transcript)]
  if (data.leadsTo !== 'ask-again' || data.waitMs === 0) return []
  const at = plus(told(state.now, 'the time'), data.waitMs)
  return [{ kind: 'timer', body: { name: 'model', about: data.request, at } }]
}
