import type { Governed } from '../control/governed.ts'
import type { Instant } from '../ids.ts'
import type { Documents } from '../packs/documents.ts'
import type { Ruling } from '../run/deliberation.ts'
import { type EventEnvelope, transitionsIn } from '../run/envelope.ts'
import { evolve } from '../run/evolve.ts'
import { absent } from '../run/state.ts'
import { judgeStep } from './judge-step.ts'
import type { RunShadow } from './run-shadow.ts'

type Record = { readonly events: readonly EventEnvelope[]; readonly documents: Documents }

/**
 * What other rules would have said to each recorded input of a run. Every input is judged where the run really stood, so
 * that one verdict that flips does not hide those after it; only the lane and risk that a plan has under these rules go
 * along. Nothing is written, and nothing follows.
 */
export function shadowRun({ events, documents }: Record, governed: Governed, since: Instant | null = null): RunShadow {
  const found: RunShadow[] = []
  let before = absent
  let plan: Ruling['plan'] = null
  for (const step of transitionsIn(events)) {
    const [input] = step
    const after = step.reduce(evolve, before)
    if (input !== undefined && (since === null || input.at >= since)) {
      const judged = judgeStep({ before, after, input, events: step, documents }, { governed, plan })
      plan = judged.plan
      found.push(judged.shadow)
    }
    before = after
  }
  return {
    verdicts: found.reduce((sum, { verdicts }) => sum + verdicts, 0),
    flips: found.flatMap(({ flips }) => flips),
    unknown: found.flatMap(({ unknown }) => unknown),
    turns: found.flatMap(({ turns }) => turns),
  }
}
