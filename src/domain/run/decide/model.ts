import { costOf } from '../../control/model-policy.ts'
import type { EffectResult } from '../../effects.ts'
import { capabilityGate } from '../../gates/capability.ts'
import { ask } from '../../gates/gate.ts'
import { modelBudgetGate } from '../../gates/model-budget.ts'
import type { Sha256 } from '../../hash.ts'
import type { ModelFault, ModelProtocol } from '../../packs/model-call.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { basisOf, NOTHING_USED, wholeCharge } from '../model-standing.ts'
import { told } from '../state.ts'
import { failRun, refuseRun } from './end.ts'

type Reservation = EventData<'ModelCallReserved'>
type Settlement = EventData<'ModelCallSettled'>
type Answer = EffectResult<'ask-model'>
type Wanted = Pick<Reservation, 'request' | 'turn' | 'tries' | 'host' | 'model' | 'protocol' | 'waitMs'>

/** A draft cannot be made without asking a model: the call is reserved, or the run ends. */
export function modelNeeded(d: Deliberation, needed: Extract<EffectResult<'draft'>, { is: 'needs-model' }>): void {
  const { request, turn, host, model } = needed
  reserve(d, { request, turn, tries: 1, host, model, protocol: d.state().model?.protocol ?? 'responses', waitMs: 0 })
}

/** The time to ask again has come; false where planning went another way. */
export function askAgain(d: Deliberation, about: string): boolean {
  const { model } = d.state()
  const again = model?.again ?? null
  if (again === null || again.request !== about || !isCurrent(d, again)) return false
  reserve(d, { ...again, tries: again.tries + 1, protocol: model?.protocol ?? again.protocol, waitMs: 0 })
  return true
}

/** Reserves a call under its capability and within the budget; the gates' verdicts are on record either way. */
function reserve(d: Deliberation, wanted: Wanted): void {
  const { capabilities, limits } = governedBy(d).policy
  const { used = NOTHING_USED } = d.state().model ?? {}
  const { request, turn, tries, host, model, protocol, waitMs } = wanted
  const bound = boundOf(d, wanted)
  const stopped = recordVerdicts(d, 'model', [
    ask(capabilityGate, { capabilities, host, model }),
    ask(modelBudgetGate, { turn, calls: used.calls, limits, ...bound }),
  ])
  if (stopped !== undefined) return refuseRun(d, stopped.gate, stopped.because, NEXT[stopped.gate])
  d.decide('ModelCallReserved', {
    request,
    basis: basisOf(d.state()),
    turn,
    tries,
    host,
    model,
    protocol,
    capability: `planner:ask-model:${host}/${model}`,
    inputTokens: bound.inputTokens,
    maxOutputTokens: bound.outputTokens,
    costMicroUsd: bound.costOfCall,
    waitMs,
  })
}

const NEXT: { readonly [gate: string]: string } = {
  capability: 'name the address and the model under `capabilities.planner.ask-model`, use a recipe, or give a patch',
  'model-budget': 'ask for less at once, use a recipe, or change `limits` and `prices` of the policy',
}

/** A token has at least one byte, most have four; only the server knows how it counts. */
const BYTES_PER_TOKEN = 3

function boundOf(d: Deliberation, { request, turn, host, model }: Wanted) {
  const { limits, prices } = governedBy(d).policy
  const { transcript = [], used = NOTHING_USED } = d.state().model ?? {}
  const before = turn === 1 ? [] : transcript.flatMap((one) => [one.request, one.answer])
  const bytes = [...before, request].reduce((sum, sha256) => sum + sizeOf(d, sha256), 0)
  const inputTokens = Math.ceil(bytes / BYTES_PER_TOKEN)
  const cost = (outputTokens: number) => costOf(prices, { host, model }, { inputTokens, outputTokens })
  const left = Math.min(limits.modelOutputTokens, limits.tokens - used.inputTokens - used.outputTokens - inputTokens)
  const money = limits.costMicroUsd === undefined ? null : limits.costMicroUsd - (used.costMicroUsd ?? 0)
  const outputTokens = affordable(left, (tokens) => money === null || (cost(tokens) ?? 0) <= money)
  const costOfCall = cost(Math.max(0, outputTokens))
  const known = costOfCall !== null && used.costMicroUsd !== null
  return { inputTokens, outputTokens, costOfCall, costMicroUsd: known ? used.costMicroUsd + costOfCall : null }
}

/** The most tokens that can be paid for: halved until they can. */
function affordable(tokens: number, isAffordable: (tokens: number) => boolean): number {
  let most = tokens
  while (most > 0 && !isAffordable(most)) most = Math.floor(most / 2)
  return most
}

function sizeOf(d: Deliberation, sha256: Sha256): number {
  return told(d.documents(sha256) ?? null, `the document ${sha256}`).length
}

const MOST_TRIES = 4
const FIRST_WAIT_MS = 5000
const LONGEST_WAIT_MS = 300_000

/** A call has ended: it is paid for, and planning goes on with its answer, with another try, or not at all. */
export function modelSettled(d: Deliberation, result: Answer): void {
  const call = told(d.state().model?.call ?? null, 'the reserved call')
  const settlement = settlementOf(d, call, result)
  d.decide('ModelCallSettled', settlement)
  if (settlement.leadsTo === 'ask-again') return goOn(d, call, settlement)
  if (result.is === 'failed' && settlement.leadsTo === 'end') endWithout(d, result, call.tries)
}

/** The performer gave the call up: whether it was made is not known, so it counts as made. */
export function modelGivenUp(d: Deliberation): void {
  const call = d.state().model?.call ?? null
  if (call === null) return
  const { request, protocol } = call
  d.decide('ModelCallSettled', { ...END, request, protocol, fault: 'lost', ...wholeCharge(call) })
}

const END = { answer: null, leadsTo: 'end', waitMs: 0 } as const

function settlementOf(d: Deliberation, call: Reservation, result: Answer): Settlement {
  const { request, protocol } = call
  const current = isCurrent(d, call)
  if (result.is === 'answered') {
    const { answer, inputTokens, outputTokens } = result
    const costMicroUsd = costOf(governedBy(d).policy.prices, call, { inputTokens, outputTokens })
    const leadsTo = current ? 'draft' : 'nothing'
    return { request, protocol, answer, fault: null, inputTokens, outputTokens, costMicroUsd, leadsTo, waitMs: 0 }
  }
  const charge = isCharged(result.fault) ? wholeCharge(call) : NO_CHARGE
  const about = { request, answer: null, fault: result.fault, ...charge }
  if (!current) return { ...about, protocol, leadsTo: 'nothing', waitMs: 0 }
  return { ...about, ...nextTry(call, result) }
}

/** Whether the plan is still made from what the request was made from. */
function isCurrent(d: Deliberation, { basis }: Reservation): boolean {
  return d.state().phase === 'planning' && basis === basisOf(d.state())
}

const NO_CHARGE = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 } as const

/** A server that said no takes nothing; one that may have worked is taken to have been paid. */
function isCharged(fault: ModelFault): boolean {
  return fault === 'unanswered' || fault === 'lost'
}

const MAY_PASS: ReadonlySet<ModelFault> = new Set(['busy', 'unreachable', 'unanswered', 'lost'])

function nextTry(
  { tries, protocol }: Reservation,
  { fault, afterMs }: Extract<Answer, { is: 'failed' }>,
): Pick<Settlement, 'protocol' | 'leadsTo' | 'waitMs'> {
  const other: ModelProtocol = 'chat'
  if (fault === 'no-endpoint' && protocol !== other) return { protocol: other, leadsTo: 'ask-again', waitMs: 0 }
  if (!MAY_PASS.has(fault) || tries >= MOST_TRIES) return { protocol, leadsTo: 'end', waitMs: 0 }
  const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(afterMs, FIRST_WAIT_MS * 2 ** (tries - 1)))
  return { protocol, leadsTo: 'ask-again', waitMs: fault === 'lost' ? 0 : waitMs }
}

/** Where there is something to wait for, a timer waits; on a clone, which has none, the call itself does. */
function goOn(d: Deliberation, call: Reservation, { waitMs, protocol }: Settlement): void {
  if (waitMs > 0 && requestOf(d).venue === 'github') return
  reserve(d, { ...call, tries: call.tries + 1, protocol, waitMs })
}

function endWithout(d: Deliberation, failed: Extract<Answer, { is: 'failed' }>, tries: number): void {
  if (failed.fault === 'quota') return refuseRun(d, 'model-quota', failed.because, failed.next)
  const times = MAY_PASS.has(failed.fault) ? `, in ${tries} tries` : ''
  failRun(d, 'model', `${failed.because}${times}`, failed.next)
}
