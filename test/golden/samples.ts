import { sealStatement } from '../../src/app/runner/statements.ts'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { GRANT_TYPE } from '../../src/domain/grant.ts'
import { hashOf, sha1Hex } from '../../src/domain/hash.ts'
import type { EventEnvelope } from '../../src/domain/run/envelope.ts'
import { effectStandings, type RunState } from '../../src/domain/run/state.ts'
import { aQuestion } from '../support/a-question.ts'
import { asksModel } from '../support/asks-model.ts'
import { ana, bot, controller, mia, OTHER_RUN, shippedLanes } from '../support/builders.ts'
import {
  amended,
  allSettled,
  answered,
  claimed,
  ended,
  erased,
  evidenceOf,
  fired,
  freed,
  given,
  handedOver,
  lockedBy,
  proofAsked,
  pushed,
  reasonAsked,
  requested,
  reviewed,
  settled,
  statusAsked,
  stopAsked,
  story,
  tampered,
  toldOfFreedom,
  unlockAsked,
  until,
  world,
} from '../support/given.ts'
import { rollbackAsked, rollbackMerged } from '../support/rolls-back.ts'

/** Everything that a golden file holds, made by the engine as it is now. */
export async function samples(): Promise<Readonly<Record<string, string>>> {
  const { play } = given().when(story.merged)
  const grant = play.state.grants.at(-1)?.document ?? ''
  const receipt = play.state.delivery?.receipts[0] ?? ''
  const grantDocument: unknown = JSON.parse(new TextDecoder().decode(play.shelf.documents(grant)))
  return {
    'canonical.json': JSON.stringify(
      VALUES.map((value) => ({ value, text: canonicalJson(value), sha256: hashOf(value) })),
      null,
      2,
    ),
    'events.json': canonicalJson(oneOfEach()),
    'journal.json': canonicalJson({ events: play.events, stateSha256: stateHash(play.state) }),
    'grant.json': canonicalJson(sealStatement(controller, GRANT_TYPE, play.state.grants.at(-1)?.id ?? '', grantDocument)),
    'step-receipt.json': new TextDecoder().decode(play.shelf.documents(receipt)),
    'evidence.json': await evidenceOf(play),
  }
}

/** The identity of a folded state, for comparing engines. */
export function stateHash(state: RunState): string {
  return hashOf(JSON.parse(JSON.stringify({ ...state, effects: [...effectStandings(state)] })))
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  9_007_199_254_740_991,
  '',
  'äöü €\u{1f600}\u2028\n"\\\u0000',
  [],
  {},
  { b: 1, a: 2, 'a\u0000': 3, '\u{1f600}': 4, '\uffff': 5, '': 6 },
  [[{ nested: [1, [2, { deep: null }]] }]],
]

function oneOfEach(): readonly EventEnvelope[] {
  const asking = world((it) => {
    it.questions = [
      aQuestion(),
    ]
  })
  const light = world((it) => {
    it.policy = { lanes: { light: shippedLanes.light } }
  })
  const moved = world((it) => {
    it.observe = { baseHead: sha1Hex('moved'), changedOnBase: ['README.md'] }
  })
  const tried = [claimed(), handedOver(), allSettled]
  const held = lockedBy(OTHER_RUN, ['path:src/index.js'])
  const all = [
    given().when(story.merged),
    given(asking, requested(), allSettled).when(answered({ q9: 'x' }), answered({ q1: 'x' }), fired('answers')),
    given(asking, requested(), allSettled).when(fired('answers')),
    given(story.asked).when(claimed({ fault: 'no' }), fired('claim'), statusAsked(), tampered(), stopAsked()),
    given(story.proposed, held).when(reviewed(), allSettled, freed(OTHER_RUN), toldOfFreedom(), fired('lock'), reviewed({ state: 'dismissed' }), pushed()),
    given(story.executing).when(fired('lease'), ended(), stopAsked()),
    given(story.proposed).when(reviewed({ commit: sha1Hex('old') })),
    given(requested()).when(settled('collect-memory', 'no')),
    given(asksModel(), requested()).when(allSettled),
    given(story.proposed).when(amended()),
    given(story.executing).when(claimed(), amended()),
    given(story.delivered).when(rollbackAsked(mia)),
    given(story.merged).when(rollbackMerged()),
    given(story.merged).when(proofAsked(), reasonAsked(), erased),
    given(story.proposed).when(proofAsked(bot)),
    given(light, requested(), allSettled, ...tried, moved, reviewed(), until('collect-memory'), allSettled).when(...tried),
    given(story.executing).when(unlockAsked({ author: ana }), reviewed({ state: 'changes_requested', author: mia }), unlockAsked()),
  ].flatMap(({ play }) => play.events)
  const byType = new Map(all.toReversed().map((event) => [event.type, event]))
  return [...byType.values()].sort((a, b) => (a.type < b.type ? -1 : 1))
}
