import { mirrorsOf } from '../../../src/app/mirror.ts'
import type { LockState } from '../../../src/domain/lock.ts'
import { keysOf } from '../../../src/domain/lock-keys.ts'
import type { Unplaced } from '../../../src/domain/run/envelope.ts'
import type { RunDecision } from '../../../src/domain/run/events.ts'
import { told } from '../../../src/domain/run/state.ts'
import { edit, editStep, verifyStep } from '../../support/builders.ts'
import { newPlay, type Play, planOf, START, story } from '../../support/given.ts'
import { type Act, acts } from './acts.ts'
import { type Standing, standingOf } from './standing.ts'
import type { Wish } from './wishes.ts'

/** What one act led to, with the numbers that were at hand when it was taken. */
export type Outcome = {
  readonly to: Standing
  readonly decided: readonly RunDecision['type'][]
  readonly events: readonly Unplaced[]
}

/** What an act is taken upon: the run's own numbers, and the lock stream as it is shown to the run. */
export type Upon = {
  readonly token: number
  readonly place: number
  readonly seq: number
  readonly locks: LockState
}

export type Contender = {
  readonly wish: Wish
  readonly keys: readonly string[]
  readonly begins: Standing
  takes(act: Act, standing: Standing, upon: Upon): Outcome
}

/** A run of its own issue and paths, played against the pure core up to the plan that waits for its approval. */
export function contender(wish: Wish): Contender {
  const base = newPlay(wish.run)
  base.world.asking = { issue: wish.issue }
  base.world.draft = (usual) => ({
    ...usual,
    steps: [editStep(wish.paths.map((path) => edit(path))), verifyStep],
  })
  story.proposed(base)
  return {
    wish,
    keys: keysOf(told(base.state.request, 'the request'), planOf(base)),
    begins: standingOf(base),
    takes(act, { state, events, open }, { token, place, seq, locks }) {
      const play: Play = {
        ...base,
        world: { ...base.world, observe: {} },
        events: [...events],
        transitions: [],
        open: open.map((one) => withToken(one, token)),
        state: {
          ...state,
          locks: state.locks === null ? null : { token, until: START },
          place: state.place === null ? null : place,
        },
        locks,
        lockSeq: seq,
        now: START,
      }
      acts[act].scene(play)
      return outcomeOf(play, locks)
    },
  }
}

/** The timer of a lease names the lease. */
function withToken(one: Play['open'][number], token: number): Play['open'][number] {
  const { effect } = one
  if (effect.kind !== 'timer' || effect.body.name !== 'lease') return one
  return { ...one, effect: { ...effect, body: { ...effect.body, about: String(token) } } }
}

function outcomeOf(play: Play, { queue }: LockState): Outcome {
  const decisions = play.transitions.flatMap((step) => step.decisions)
  const events = play.transitions.flatMap(
    (step) => mirrorsOf({ step, run: play.run, at: play.now, line: queue, documents: play.shelf.documents }).locks,
  )
  return { to: standingOf(play), decided: [...new Set(decisions.map(({ type }) => type))], events }
}
