import { openEnvelope } from '../src/adapters/signing/ed25519.ts'
import { openBundle } from '../src/app/evidence/open-bundle.ts'
import { replay } from '../src/app/replay.ts'
import { verifyEvidence } from '../src/app/verify.ts'
import { samples } from '../test/golden/samples.ts'
import type { Benchmark } from './compare.ts'

export const evidence: Benchmark = {
  says: 'the evidence of the golden story: verified, and replayed, against JSON.parse alone',
  async open() {
    const { 'evidence.json': text } = await samples()
    if (text === undefined) throw new Error('the golden story gave no evidence')
    const bytes = new TextEncoder().encode(text)
    const trust = { open: openEnvelope, trusted: null }
    const bundle = openBundle(bytes, trust)
    if (!bundle.ok) throw new Error(`${bundle.refusal.where}: ${bundle.refusal.fault}`)
    const { evidence, documents } = bundle.value
    return {
      comparisons: [
        {
          about: `${evidence.events.length} events, ${Math.round(bytes.length / 1024)} KiB`,
          unit: 'events',
          items: evidence.events.length,
          contenders: [
            { name: 'JSON.parse', run: (): unknown => JSON.parse(text) },
            {
              name: 'replay',
              run() {
                if (!replay({ events: evidence.events, documents }).same) throw new Error('the replay differs')
              },
            },
            {
              name: 'verify',
              run() {
                if (!verifyEvidence(bytes, trust).valid) throw new Error('the evidence is not valid')
              },
            },
          ],
        },
      ],
      close: async () => {},
    }
  },
}
