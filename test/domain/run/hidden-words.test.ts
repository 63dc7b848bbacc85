import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MODES, ROLES } from '../../../src/domain/control/policy.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import { Intent } from '../../../src/domain/packs/intent.ts'
import type { Person } from '../../../src/domain/packs/people.ts'
import { told } from '../../../src/domain/run/state.ts'
import { ana, bot, lee, mia, reader, shippedPolicy } from '../../support/builders.ts'
import { newPlay, type Play, requested, type World } from '../../support/given.ts'
import { decisionOf } from '../../support/hidden/faults.ts'
import { HIDINGS } from '../../support/hidden/hidings.ts'
import { injections } from '../../support/hidden/injections.ts'

const policy = fc.record({
  enabled: fc.boolean(),
  modes: fc.constantFrom(...MODES).map((mode) => ({ ...shippedPolicy.modes, default: mode })),
  roles: fc.constantFrom(...ROLES).map((plan) => ({ ...shippedPolicy.roles, plan })),
  approve: fc
    .record({ requester: fc.constantFrom('denied', 'allowed'), count: fc.integer({ min: 1, max: 3 }) })
    .map((rule) => ({ ...shippedPolicy.approve, ...rule })),
})

type Asked = { readonly policy: World['policy']; readonly requester: Person; readonly where: 'body' | 'text' }

function ask({ policy: rules, requester, where }: Asked, words: string): Play {
  const play = newPlay()
  play.world.policy = rules
  const text = { title: 'Fix the typo', body: '', text: '', [where]: `Please fix src/words.js. ${words}\n\nThanks.` }
  requested({ requester, words: text })(play)
  return play
}

/** Documents that name the words by their digest. */
const NAMING: ReadonlySet<string> = new Set(['intent', 'words', 'pack', 'effects'])

/** All that the run decided, but for the digests of the words themselves. */
function decisions({ transitions, state, shelf }: Play): string {
  const intent = readDocument(shelf.documents, told(state.intent, 'the intent'), Intent)
  const without = (key: string, value: unknown) => (NAMING.has(key) ? undefined : value)
  const decided = transitions.flatMap((one) => one.decisions)
  const { mode, phase, request, end } = state
  const intended = transitions.flatMap(({ effects }) => effects.map(({ kind }) => kind))
  return JSON.stringify({ decided, intended, mode, phase, request, end, understood: decisionOf(intent) }, without)
}

describe('words that nobody sees', () => {
  it('change neither who may ask, nor mode, policy or what the run does, whatever the policy is and whoever asks', () => {
    fc.assert(
      fc.property(
        fc.record({
          policy,
          requester: fc.constantFrom(ana, lee, mia, reader, bot),
          where: fc.constantFrom('body', 'text'),
        }),
        fc.constantFrom(...HIDINGS),
        fc.constantFrom(...injections()),
        (asked, { hide }, injection) => {
          const given = ask(asked, hide(injection).text)
          expect(decisions(given)).toBe(decisions(ask(asked, hide('nothing here').text)))
        },
      ),
      { numRuns: 150, seed: 6 },
    )
  })
})
