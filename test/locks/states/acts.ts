import { sha1Hex } from '../../../src/domain/hash.ts'
import { currentGrant, type IssuedGrant, type RunState, told } from '../../../src/domain/run/state.ts'
import {
  claimed,
  ended,
  handedOver,
  inOrder,
  locksSeen,
  type Play,
  planOf,
  reviewed,
  type Scene,
  settled,
  stopAsked,
  take,
  toldOfFreedom,
  unlockAsked,
} from '../../support/given.ts'
import type { Standing } from './standing.ts'

/** Who or what takes an act: the machine by itself, a due time, a person who interferes, or a job that was given up. */
export type Kind = 'machine' | 'timer' | 'person' | 'stale'

type Row = {
  readonly kind: Kind
  readonly isOpen: (standing: Standing) => boolean
  readonly scene: Scene
}

const executing = (state: RunState, use: IssuedGrant['use']['is']): boolean => {
  const grant = currentGrant(state)
  return state.phase === 'executing' && grant?.purpose === 'execute' && grant.use.is === use
}
const isPending =
  (kind: string) =>
  ({ open }: Standing) =>
    open.some(({ effect }) => effect.kind === kind)
const isSet =
  (name: string) =>
  ({ open }: Standing) =>
    open.some(({ effect }) => effect.kind === 'timer' && effect.body.name === name)

/** Everything that can happen to one run from its approval on; each plays the real inputs into the real core. */
export const acts = {
  approve: { kind: 'machine', isOpen: ({ state }) => state.phase === 'proposed', scene: reviewed() },
  look: { kind: 'machine', isOpen: isPending('observe'), scene: looked(false) },
  'look at a moved base': { kind: 'machine', isOpen: isPending('observe'), scene: looked(true) },
  'plan again': { kind: 'machine', isOpen: ({ state }) => state.phase === 'planning', scene: plannedAgain },
  claim: { kind: 'machine', isOpen: ({ state }) => executing(state, 'open'), scene: claimed() },
  deliver: {
    kind: 'machine',
    isOpen: ({ state }) => executing(state, 'used') && state.delivery === null,
    scene: handedOver(),
  },
  'deliver late': {
    kind: 'stale',
    isOpen: ({ state }) => revoked(state) !== undefined,
    scene: (play) => handedOver({ grant: told(revoked(play.state) ?? null, 'a revoked Grant').id })(play),
  },
  commit: { kind: 'machine', isOpen: isPending('commit'), scene: settled('commit') },
  merge: { kind: 'machine', isOpen: ({ state }) => state.phase === 'delivered', scene: mergedNow },
  close: { kind: 'person', isOpen: ({ state }) => state.phase === 'delivered', scene: ended() },
  stop: {
    kind: 'person',
    isOpen: ({ state: { phase, commitAsked } }) => STOPPABLE.has(phase) && !commitAsked,
    scene: stopAsked(),
  },
  unlock: { kind: 'person', isOpen: ({ state }) => state.locks !== null, scene: unlockAsked() },
  'be woken': { kind: 'machine', isOpen: () => true, scene: toldOfFreedom() },
  'look again in time': { kind: 'timer', isOpen: isSet('lock'), scene: due('lock') },
  renew: { kind: 'timer', isOpen: isSet('lease'), scene: due('lease') },
  'give up the claim': { kind: 'timer', isOpen: isSet('claim'), scene: due('claim') },
  'give up the job': { kind: 'timer', isOpen: isSet('job'), scene: due('job') },
} as const satisfies { readonly [name: string]: Row }

export type Act = keyof typeof acts

const STOPPABLE: ReadonlySet<string> = new Set(['planning', 'proposed', 'approved', 'waiting_for_lock', 'executing'])

function revoked({ grants }: RunState): IssuedGrant | undefined {
  return grants.find(({ purpose, use }) => purpose === 'execute' && use.is === 'revoked')
}

/** GitHub says where the base stands, and whether it changed what the plan touches since the plan was made. */
function looked(isMoved: boolean): Scene {
  return (play) => {
    const { sha } = planOf(play).base
    play.world.observe = isMoved
      ? { baseHead: sha1Hex(`a base after ${sha}`), changedOnBase: ['what it touches'] }
      : { baseHead: sha, changedOnBase: [] }
    settled('observe')(play)
  }
}

/** Everything from the new base up to the look before the dispatch. */
function plannedAgain(play: Play): void {
  untilLook(play)
  inOrder(claimed(), handedOver())(play)
  untilLook(play)
}

function untilLook(play: Play): void {
  const { open } = play
  for (let i = 0; i < open.length; ) {
    const kind = open[i]?.effect.kind
    if (kind === undefined || kind === 'timer' || kind === 'observe') i += 1
    else settled(kind)(play)
  }
}

function mergedNow(play: Play): void {
  const message = play.shelf.document({ v: 1, message: 'as it was merged' })
  const diffSha256 = told(play.state.delivered, 'the delivery').diffSha256
  ended({ commit: sha1Hex('merged'), message, diffSha256 })(play)
}

/** A timer that the run had set comes due, whenever that is. */
function due(name: 'lock' | 'lease' | 'claim' | 'job'): Scene {
  return (play) => {
    const { open } = play
    const index = open.findIndex(({ effect }) => effect.kind === 'timer' && effect.body.name === name)
    const [one] = open.splice(index, 1)
    if (one?.effect.kind !== 'timer') throw new Error(`no timer ${name} is set`)
    const data = { key: one.key, name, about: one.effect.body.about, locks: locksSeen(play) }
    take(play, { type: 'TimerFired', by: 'agentos', at: play.now, data })
  }
}
