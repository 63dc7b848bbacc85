import { expect, test } from 'vitest'
import { readEvent } from '../../../src/adapters/ledger/text.ts'
import { LedgerCorrupt } from '../../../src/app/ledger.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { hashOf } from '../../../src/domain/hash.ts'
import { chain, type EventEnvelope, faultInChain, MAX_EVENT_BYTES } from '../../../src/domain/run/envelope.ts'

const STREAM = 'desk/100'
const seen = (words: string) =>
  ({ kind: 'input', type: 'WordsSeen', v: 1, data: { words }, by: 'ana', at: '2026-01-01T00:00:00.000Z' }) as const
const placed = chain(STREAM, undefined, [seen('one'), { ...seen('two'), kind: 'decision' }])

/** An event with other members, under the hash of what it says. */
function rehashed(event: EventEnvelope | undefined, changed: Partial<EventEnvelope>): EventEnvelope {
  if (event === undefined) throw new TypeError('there is no such event')
  const { hash: _hash, ...body } = { ...event, ...changed }
  return { ...body, hash: hashOf(body) }
}

test('a recorded event stands for the one made again only where it says the same in the same place', () => {
  const [input, decision] = placed
  const again = (recorded: readonly EventEnvelope[]) =>
    chain(STREAM, undefined, [seen('one'), { ...seen('two'), kind: 'decision' }], recorded)
  expect(again(placed)[1]).toBe(decision)
  const others = [
    { data: { words: 'three' } },
    { seq: 3 },
    { prevHash: null },
    { cause: null },
    { stream: 'desk/101' },
    { by: 'lee' },
    { type: 'WordsHeard' },
  ]
  for (const changed of others) {
    const recorded = [rehashed(input, {}), rehashed(decision, changed)]
    expect(again(recorded)).toEqual(placed)
  }
})

test('an event that is larger than an event can be is on no record', () => {
  const huge = rehashed(placed[0], { data: { words: 'ä'.repeat(MAX_EVENT_BYTES / 2) } })
  expect(faultInChain(STREAM, [huge])).toBe(`${STREAM}@1: is larger than an event can be`)
  const long = rehashed(placed[0], { data: { words: 'a'.repeat(MAX_EVENT_BYTES) } })
  expect(() => readEvent(canonicalJson(huge))).toThrow('larger than an event can be')
  expect(() => readEvent(canonicalJson(long))).toThrow(LedgerCorrupt)
})
