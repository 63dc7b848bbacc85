import type { EventEnvelope } from '../../../src/domain/run/envelope.ts'
import { currentGrant, isFinal, isOvertaken, type RunState } from '../../../src/domain/run/state.ts'
import type { Play } from '../../support/given.ts'

/** How a run stands, without the numbers and times that differ from one state of the whole to the next. */
export type Standing = {
  readonly state: RunState
  readonly events: readonly EventEnvelope[]
  readonly open: Play['open']
}

/**
 * What can still concern the locks: cards, comments and checks are never looked at again, and effects of before a rebase are
 * through before what follows from it, as a run's effects are performed in order.
 */
export function standingOf({ state, events, open }: Play): Standing {
  const kept = open.filter(({ key, effect }) => {
    if (isOvertaken(state, key)) return false
    if (state.phase === 'planning') return effect.kind !== 'timer'
    if (effect.kind === 'timer') return isAwaited(state, effect.body)
    return effect.kind === 'observe' || (effect.kind === 'commit' && effect.body.purpose === 'delivery')
  })
  const looks = kept.filter(({ effect }) => effect.kind === 'observe').slice(MOST_LOOKS)
  return { state, events, open: kept.filter((one) => !looks.includes(one)) }
}

/** A third look that is asked for while two are under way says nothing that the second does not. */
const MOST_LOOKS = 2

/** Whether a timer is about what the run waits for; any other is overtaken. */
function isAwaited(state: RunState, { name, about }: { readonly name: string; readonly about: string }): boolean {
  if (name === 'lock') return about === String(state.wait?.at)
  if (name === 'lease') return about === String(state.locks?.token)
  return (name === 'claim' || name === 'job') && about === currentGrant(state)?.id
}

/** Two runs that stand alike here decide alike; `explore` looks whether they do. */
export function signOf({ state, open }: Standing): string {
  if (isFinal(state.phase) || state.phase === 'merged') return `ended ${state.locks === null}`
  const { phase, waited, wait, place, locks, delivery, commitAsked, rebased, objection, delivered } = state
  const grants = state.grants.slice(state.begunAnew.grants).filter(({ purpose }) => purpose === 'execute')
  const has = [waited, wait, place, locks, delivery, commitAsked, rebased.before, rebased.carried, objection, delivered]
  return [
    phase,
    has.map((one) => (one === null || one === false ? 0 : 1)).join(''),
    rebased.times,
    grants.map(({ use }) => use.is).join(' '),
    open.map(({ effect }) => (effect.kind === 'timer' ? effect.body.name : effect.kind)).sort(),
  ].join('|')
}
