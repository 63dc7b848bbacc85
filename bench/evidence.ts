import { openEnvelope } from '../src/adapters/signing/ed25519.ts'
import { openBundle } from '../src/app/evidence/open-bundle.ts'
import { auditSignatures } from '../src/app/evidence/signed-facts.ts'
import { replay } from '../src/app/replay.ts'
import { verifyEvidence } from '../src/app/verify.ts'
import { allSettled, evidenceOf, given, statusAsked, story } from '../test/support/given.ts'
import type { Benchmark, Comparison } from './compare.ts'

/** How often the long run is asked for its status: five events each time. */
const ASKED = 980

export const evidence: Benchmark = {
  says: 'the evidence of the golden story and of a run of 5,000 events: verified, and its parts, against JSON.parse alone',
  budgetMs: 20_000,
  async open() {
    const asked = Array.from({ length: ASKED }, () => [statusAsked(), allSettled]).flat()
    const texts = [
      await evidenceOf(given().when(story.merged).play),
      await evidenceOf(given(story.proposed).when(...asked).play),
    ]
    return { comparisons: texts.map(comparisonOf), close: async () => {} }
  },
}

function comparisonOf(text: string): Comparison {
  const bytes = new TextEncoder().encode(text)
  const trust = { open: openEnvelope, trusted: null }
  const read = () => {
    const bundle = openBundle(bytes, trust)
    if (!bundle.ok) throw new Error(`${bundle.refusal.where}: ${bundle.refusal.fault}`)
    return bundle.value
  }
  const bundle = read()
  const { events } = bundle.evidence
  return {
    about: `${events.length} events, ${Math.round(bytes.length / 1024)} KiB`,
    unit: 'events',
    clock: 'processor',
    items: events.length,
    contenders: [
      { name: 'JSON.parse', run: (): unknown => JSON.parse(text) },
      { name: 'form, chain, blobs, seal', run: read },
      {
        name: 'the same and all signatures',
        run() {
          const opened = read()
          if ('fault' in auditSignatures(opened, openEnvelope)) throw new Error('a signature does not hold')
        },
      },
      {
        name: 'form and replay',
        run() {
          const { documents } = read()
          if (!replay({ events, documents }).same) throw new Error('the replay differs')
        },
      },
      {
        name: 'verify',
        run() {
          if (!verifyEvidence(bytes, trust).valid) throw new Error('the evidence is not valid')
        },
      },
    ],
  }
}
