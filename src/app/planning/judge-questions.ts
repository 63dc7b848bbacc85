import { cutText } from '../../domain/packs/cut-text.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import { type EvidenceFact, evidenceFact } from '../../domain/packs/evidence-facts.ts'
import type { Assumption } from '../../domain/packs/plan.ts'
import type { Scene } from './scene.ts'

/** What a question's evidence leads to. A question cites whole files, so no line of one is looked at. */
export function questionEvidence({ body, base }: Scene, ref: string): EvidenceFact {
  const files = { sha: body.base.sha, files: base, text: () => undefined }
  return evidenceFact(ref, { base: files, comments: [], events: [] })
}

/** Why questions may not be put to people as they are: a planner can mend that and is told so. */
export function faultInQuestions(scene: Scene, asks: readonly Ask[]): string | null {
  for (const { about, evidence } of asks) {
    const loose = evidence.find((ref) => questionEvidence(scene, ref).fault !== null)
    if (loose !== undefined)
      return `the question about ${cutText(about, 64)} cites ${cutText(loose, 200)}, which the repository does not have`
  }
  const idle = asks.filter(({ type }) => type !== 'blocker').map(({ about }) => cutText(about, 64))
  if (scene.intent.mode !== 'semi_auto' || idle.length === 0) return null
  return `people are asked blockers only; settle ${idle.join(', ')} yourself, by the default where there is one: it is shown to the approver as an assumption`
}

/** What a planner was told to settle itself, as the plan shows it. */
export function assumptionsFrom(scene: Scene, asks: readonly Ask[]): readonly Assumption[] {
  const idle = scene.intent.mode === 'semi_auto' ? asks.filter(({ type }) => type !== 'blocker') : []
  const all = idle.map(({ about, text, default: taken }) => {
    const settled = taken === null ? 'settled by the planner' : `taken: ${taken}`
    return { about: cutText(about, 64), text: cutText(`${text} (${settled})`, 500) }
  })
  return [...new Map(all.map((one) => [one.about, one])).values()].slice(0, 50)
}
