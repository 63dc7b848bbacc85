import { type EffectKind, type EffectResult, effectKinds, isEffectKind, parseResult } from '../../effects.ts'
import type { Deliberation } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { UnknownEvent } from '../evolve.ts'
import { isFinal, isOvertaken } from '../state.ts'
import { commitSettled } from './commit.ts'
import { failRun } from './end.ts'
import { modelGivenUp, modelSettled } from './model.ts'
import { observed } from './observed.ts'
import { draftSettled, memorySettled, pullRequestOpened } from './planning.ts'

type Settled = EventData<'EffectSettled'>
type AfterBy = { readonly [K in EffectKind]: (d: Deliberation, result: EffectResult<K>, input: Settled) => void }

const afterBy: AfterBy = {
  'collect-memory': memorySettled,
  draft: draftSettled,
  'ask-model': modelSettled,
  'open-pull-request': pullRequestOpened,
  commit: commitSettled,
  observe: observed,
  react: nothing,
  card: nothing,
  comment: nothing,
  check: nothing,
  label: nothing,
  'look-at-source': nothing,
  'request-review': nothing,
  dispatch: nothing,
  'cancel-job': nothing,
  ready: nothing,
  close: nothing,
  'keep-evidence': nothing,
  'mark-rolled-back': nothing,
  timer: nothing,
}

/** What follows from an effect's outcome. One that the run cannot do without ends it when it failed. */
export function decideSettled(d: Deliberation, input: Settled): void {
  const kind = input.effect
  if (!isEffectKind(kind)) throw new UnknownEvent(`an effect of kind ${kind}`)
  if (isFinal(d.state().phase)) return d.decide('NothingFollows', { because: 'the run has ended' })
  const overtaken = isOfPlanning(kind) && isOvertaken(d.state(), input.key)
  if (overtaken && kind !== 'ask-model') return d.decide('NothingFollows', { because: OVERTAKEN })
  if (input.outcome.is === 'performed') return after(d, kind, input.outcome.result, input)
  if (kind === 'ask-model') modelGivenUp(d)
  if (overtaken) return d.decide('NothingFollows', { because: OVERTAKEN })
  if (effectKinds[kind].needed) return failRun(d, `effect:${kind}`, input.outcome.because)
  d.decide('NothingFollows', { because: `${kind} was given up and the run goes on without it` })
}

const OVERTAKEN = 'the request was changed while this was under way'

/** What a changed request makes pointless; a call of a model is paid for all the same. */
function isOfPlanning(kind: EffectKind): boolean {
  return kind === 'draft' || kind === 'collect-memory' || kind === 'ask-model'
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- K ties the table's row to the result that is parsed for it
function after<K extends EffectKind>(d: Deliberation, kind: K, result: unknown, input: Settled): void {
  afterBy[kind](d, parseResult(kind, result), input)
}

function nothing(d: Deliberation): void {
  d.decide('NothingFollows', { because: 'the effect is done' })
}
