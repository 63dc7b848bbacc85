import { Governed } from '../control/governed.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import type { Lane } from '../packs/plan.ts'
import { Verdicts } from '../packs/verdicts.ts'
import { type RunState, told, triedSince } from '../run/state.ts'
import { prose } from './markdown.ts'
import { count } from './words.ts'

/** The lane of a plan, what follows from it, and why it is no lighter one. */
export function laneLine(state: RunState, documents: Documents, needed: number): string {
  const { lane } = told(state.plan, 'the plan')
  return `- **Lane ${lane}**: ${LANES[lane](needed, triedSince(state.grants) ?? '')}${keptFromLight(state, documents)}`
}

const LANES: { readonly [L in Lane]: (needed: number, tried: string) => string } = {
  light: (needed, tried) =>
    `${count(needed, 'approval')}; no second job, the checks of the dry run of ${tried} stand and what it measured is what is committed`,
  standard: (needed) => `${count(needed, 'approval')}, then a job of its own repeats every step`,
  high: (needed) => `the risk is high, so ${count(needed, 'approval')}; then a job of its own repeats every step`,
}

/** What happens after the approval, by itself. */
export function whatFollows(state: RunState, documents: Documents): string {
  if (state.plan?.lane !== 'light') return 'Every gate is then asked again, and exactly these bytes land, or nothing.'
  const { hours } = readDocument(documents, told(state.request, 'the request').manifest, Governed).policy.lanes.light
  return `Every gate is then asked again, and exactly these bytes land at once, or nothing: the checks of the dry run stand for ${count(hours ?? 0, 'hour')} from ${told(triedSince(state.grants), 'the dry run')} on. Later, or after waiting for another run, a job of its own repeats every step first.`
}

const MOST_REASONS = 3

/** Why a plan is not in the light lane, or no longer treated so, in words; empty where there is nothing to say. */
export function keptFromLight({ plan, verdicts }: RunState, documents: Documents): string {
  const asked = verdicts.findLast(({ at }) => at === 'lane' || at === 'reuse')
  if (plan === null || plan.lane === 'high' || asked === undefined || documents(asked.document) === undefined) return ''
  const reasons = readDocument(documents, asked.document, Verdicts).asked.filter(({ is }) => is !== 'passed')
  if (reasons.length === 0) return ''
  const told = reasons.slice(0, MOST_REASONS).map(({ because }) => prose(because))
  const left = reasons.length > MOST_REASONS ? `; and ${count(reasons.length - MOST_REASONS, 'reason')} more` : ''
  const what = plan.lane === 'light' ? 'executed by a job of its own after all' : 'not the light lane'
  return `. It is ${what}: ${told.join('; ')}${left}`
}
