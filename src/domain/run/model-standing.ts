import { hashOf, type Sha256 } from '../hash.ts'
import type { ModelProtocol, Turn } from '../packs/model-call.ts'
import type { EventData } from './events.ts'

type Reservation = EventData<'ModelCallReserved'>

/** The model calls of a run: the one under way, the one to be made again, the turns of the draft, and what all have used. */
export type ModelStanding = {
  readonly host: string
  readonly model: string
  readonly protocol: ModelProtocol
  readonly call: Reservation | null
  /** The last call, which is to be made again. */
  readonly again: Reservation | null
  readonly transcript: readonly Turn[]
  readonly used: ModelUsed
  /** What all calls together might have used. */
  readonly reserved: { readonly tokens: number; readonly costMicroUsd: number | null }
}

export type ModelUsed = {
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Null where the price of a call is not known. */
  readonly costMicroUsd: number | null
}

export const NOTHING_USED: ModelUsed = { calls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 }

/** The first turn begins a new draft, whose transcript is empty. */
export function callReserved(past: ModelStanding | null, call: Reservation): ModelStanding {
  const { host, model, protocol, turn } = call
  const used = past?.used ?? NOTHING_USED
  const transcript = past === null || turn === 1 ? [] : past.transcript
  return {
    host,
    model,
    protocol,
    call,
    again: null,
    transcript,
    used: { ...used, calls: used.calls + 1 },
    reserved: withReservation(past?.reserved ?? { tokens: 0, costMicroUsd: 0 }, call),
  }
}

function withReservation(past: ModelStanding['reserved'], call: Reservation): ModelStanding['reserved'] {
  return {
    tokens: past.tokens + call.inputTokens + call.maxOutputTokens,
    costMicroUsd: sumOfKnown(past.costMicroUsd, call.costMicroUsd),
  }
}

export function callSettled(past: ModelStanding | null, data: EventData<'ModelCallSettled'>): ModelStanding | null {
  if (past === null) return null
  const { request, answer, protocol, leadsTo } = data
  return {
    ...past,
    protocol,
    call: null,
    again: leadsTo === 'ask-again' ? past.call : null,
    transcript: answer === null ? past.transcript : [...past.transcript, { request, answer }],
    used: withCharge(past.used, data),
  }
}

type Charge = Pick<EventData<'ModelCallSettled'>, 'inputTokens' | 'outputTokens' | 'costMicroUsd'>

function withCharge(used: ModelUsed, charge: Charge): ModelUsed {
  return {
    calls: used.calls,
    inputTokens: used.inputTokens + charge.inputTokens,
    outputTokens: used.outputTokens + charge.outputTokens,
    costMicroUsd: sumOfKnown(used.costMicroUsd, charge.costMicroUsd),
  }
}

function sumOfKnown(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b
}

/** What a call may have used at most, which it is charged where nobody saw its end. */
export function wholeCharge({ inputTokens, maxOutputTokens, costMicroUsd }: Reservation): Charge {
  return { inputTokens, outputTokens: maxOutputTokens, costMicroUsd }
}

/** What the run's model calls have used, one under way counted as a whole; null where no model was asked. */
export function modelUsed(model: ModelStanding | null): (ModelUsed & Pick<ModelStanding, 'host' | 'model'>) | null {
  if (model === null) return null
  const used = model.call === null ? model.used : withCharge(model.used, wholeCharge(model.call))
  return { host: model.host, model: model.model, ...used }
}

type Basis = {
  readonly intent: Sha256 | null
  readonly memory: { readonly pack: Sha256 } | null
  readonly answers: readonly Sha256[]
}

/** What a draft is made from beside the base: a request made from anything else is out of date. */
export function basisOf({ intent, memory, answers }: Basis): Sha256 {
  return hashOf({ intent, memory: memory?.pack ?? null, answers })
}
