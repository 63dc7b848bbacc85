import { Governed } from '../control/governed.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import { Plan } from '../packs/plan.ts'
import { Verdicts } from '../packs/verdicts.ts'
import { decide } from '../run/decide/index.ts'
import type { Deliberation, Ruling } from '../run/deliberation.ts'
import type { EventEnvelope } from '../run/envelope.ts'
import { parseData } from '../run/events.ts'
import { evolve } from '../run/evolve.ts'
import { inputOf } from '../run/recorded-input.ts'
import { isFinal, type RunState, told } from '../run/state.ts'
import type { At, Flip, RunShadow, Turn, Unknown } from './run-shadow.ts'
import { unrecorded } from './unrecorded.ts'

/** One input of a run as it was recorded, with the decisions that followed it. */
export type Step = {
  readonly before: RunState
  readonly after: RunState
  readonly input: EventEnvelope
  readonly events: readonly EventEnvelope[]
  readonly documents: Documents
}

/** `plan` is the lane and risk that the run's plan has under these rules, from here on. */
type Judged = { readonly shadow: RunShadow; readonly plan: Ruling['plan'] }

/** What comes out of one input under other rules, beside what is on record. */
export function judgeStep(step: Step, ruling: Ruling): Judged {
  const recorded = step.events.flatMap((event) => saidOnRecord(event, step))
  try {
    const again = againUnder(step, ruling)
    return { shadow: compared(step, { recorded, again }, ruling), plan: planUnder(again, ruling.plan) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const because = `it cannot be decided: ${error.message.slice(0, 500)}`
    const unknown = recorded.map(({ place, at, gate, is }): Unknown => ({ ...place, at, gate, was: is, because }))
    return { shadow: { verdicts: recorded.length, flips: [], unknown, turns: [] }, plan: ruling.plan }
  }
}

type Again = Pick<Deliberation, 'decisions' | 'documents' | 'state'>

function againUnder({ before, input, documents }: Step, ruling: Ruling | null): Again {
  return decide(evolve(before, input), inputOf(input), documents, ruling)
}

/** A verdict with its place. `key` tells it from others: one gate may be asked several times at one moment. */
type Said = Verdicts['asked'][number] & { readonly key: string; readonly at: string; readonly place: At }

function saidOnRecord(event: EventEnvelope, { documents, input }: Step): readonly Said[] {
  if (event.type !== 'GatesAsked') return []
  const { verdicts } = parseData('GatesAsked', event.data)
  return saidIn(readDocument(documents, verdicts, Verdicts), { ...placeOf(input), seq: event.seq })
}

function saidIn({ at, asked }: Verdicts, place: At): readonly Said[] {
  return asked.map((one, i) => {
    const nth = asked.slice(0, i).filter(({ gate }) => gate === one.gate).length
    return { ...one, key: `${at} ${one.gate} ${nth}`, at, place }
  })
}

function placeOf({ stream, seq, type }: EventEnvelope): At {
  return { stream, seq, input: type }
}

function saidBy({ decisions, documents }: Again, { input }: Step): ReadonlyMap<string, Said> {
  const said = decisions.flatMap((decision) =>
    decision.type === 'GatesAsked'
      ? saidIn(readDocument(documents, decision.data.verdicts, Verdicts), placeOf(input))
      : [],
  )
  return new Map(said.map((one) => [one.key, one]))
}

type Both = { readonly recorded: readonly Said[]; readonly again: Again }

/** What this engine itself says otherwise than the one that wrote the record is not these rules' doing. */
function compared(step: Step, { recorded, again }: Both, ruling: Ruling): RunShadow {
  const now = saidBy(again, step)
  const was = new Map(recorded.map((one) => [one.key, one]))
  const found = [...now.values()].flatMap((one) => difference(step, { was: was.get(one.key), now: one }, ruling))
  const turns = turnsOf(step, again)
  const none = { verdicts: recorded.length, flips: [], unknown: [], turns: [] }
  if (found.length === 0 && turns.length === 0) return none
  const own = againUnder(step, null)
  const ownSaid = saidBy(own, step)
  const isOfRules = ({ key, flip }: Found) => flip.was === null || ownSaid.get(key)?.is === flip.was
  const ofRules = found.filter(isOfRules)
  return {
    verdicts: recorded.length,
    flips: ofRules.flatMap(({ flip, doubt }) => (doubt === null ? [flip] : [])),
    unknown: [
      ...ofRules.flatMap(({ flip, doubt }) => (doubt === null ? [] : [toUnknown(flip, doubt)])),
      ...whatNeverCame(step, again),
    ],
    turns: turnsOf(step, own).length === 0 ? turns : [],
  }
}

type Found = { readonly key: string; readonly flip: Flip; readonly doubt: string | null }

/** A gate that was not asked then and passes now takes nothing away, nor lets it anything through. */
function difference(
  step: Step,
  { was, now }: { readonly was: Said | undefined; readonly now: Said },
  ruling: Ruling,
): readonly Found[] {
  const doubt = doubtAbout(step, now.gate, ruling)
  const isSame = was === undefined ? now.is === 'passed' : was.is === now.is
  if (isSame && (was === undefined || doubt === null)) return []
  const { at, gate, is, because } = now
  const flip: Flip = {
    ...(was ?? now).place,
    at,
    gate,
    was: was?.is ?? null,
    now: is,
    because: { was: was?.because ?? 'it was not asked', now: because },
  }
  return [{ key: now.key, flip, doubt }]
}

/** What the rules of now ask for and nobody recorded, where the rules of then did without it. */
function doubtAbout({ after, input, documents }: Step, gate: string, { governed }: Ruling): string | null {
  const { manifest } = told(after.request, 'the request')
  const was = readDocument(documents, manifest, Governed).policy
  const on = { state: after, input: inputOf(input), documents, was, now: governed.policy }
  const doubt = unrecorded(gate, on)
  return doubt === null || unrecorded(gate, { ...on, now: was }) !== null ? null : doubt
}

function toUnknown({ because: _because, now: _now, ...flip }: Flip, because: string): Unknown {
  return { ...flip, because }
}

/** A run that ended, and would have gone on: of what it would have come to nothing is on record. */
function whatNeverCame({ after, before, input }: Step, again: Again): readonly Unknown[] {
  if (!isFinal(after.phase) || isFinal(before.phase) || isFinal(again.state().phase)) return []
  const because = `the run was ${after.phase} here; what later gates would have said was never recorded`
  return [{ ...placeOf(input), at: 'later', gate: 'every later gate', was: null, because }]
}

function turnsOf(step: Step, { decisions }: Again): readonly Turn[] {
  const was = step.events.flatMap(({ kind, type, data }) => (kind === 'decision' ? named(type, data) : []))
  const now = decisions.flatMap(({ type, data }) => named(type, data))
  return was.join() === now.join() ? [] : [{ ...placeOf(step.input), was, now }]
}

/** Verdicts are compared by themselves, and effects are not decided at all. */
function named(type: string, data: object): readonly string[] {
  if (type === 'GatesAsked' || type === 'EffectsIntended') return []
  return ['lane' in data && type === 'PlanFrozen' ? `PlanFrozen (${String(data.lane)})` : type]
}

function planUnder({ decisions, documents }: Again, before: Ruling['plan']): Ruling['plan'] {
  const frozen = decisions.find(({ type }) => type === 'PlanFrozen')
  if (frozen?.type !== 'PlanFrozen') return before
  const { lane, risk } = readDocument(documents, frozen.data.plan, Plan)
  return { lane, risk }
}
