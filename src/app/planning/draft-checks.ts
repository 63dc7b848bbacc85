import { type CheckQuestion, chooseChecks, criteriaShown } from '../../domain/packs/choose-checks.ts'
import type { Edit } from '../../domain/patch/edit.ts'
import type { Checkouts } from './planned-checkout.ts'
import type { Scene } from './scene.ts'
import type { Sketch } from './sketch.ts'

type Checked = {
  readonly argv: readonly string[]
  readonly criteria: readonly string[]
  /** Why the plan has it. */
  readonly because: string
}

/** How a draft is checked, and what of the repository that rests on. */
export type DraftChecks = {
  readonly verify: readonly Checked[]
  readonly noVerify: string | null
  readonly evidence: readonly string[]
}

/** The drafter's checks, then those of the repository; a criterion is tied where its words name what a check is. */
export function checksFor(
  scene: Scene,
  {
    sketch,
    edits,
    checkouts,
  }: { readonly sketch: Sketch; readonly edits: readonly Edit[]; readonly checkouts: Checkouts },
): DraftChecks {
  const question: CheckQuestion = {
    checkout: checkouts.after,
    packageManager: scene.memory.packageManager,
    policy: scene.manifest.policy,
    edits,
    criteria: scene.intent.criteria,
    mode: scene.intent.mode,
    hasRuns: sketch.runs.length > 0,
  }
  const own = sketch.verify.map(({ argv, criteria, because }) => {
    const tied = [...new Set([...criteria, ...criteriaShown(argv, question)])]
    return { argv, criteria: tied, because: because ?? `the ${sketch.drafter.is} asks for it` }
  })
  if (sketch.checks === 'as-given') return { verify: own, noVerify: sketch.noVerify, evidence: [] }
  const { checks, noVerify } = chooseChecks(question)
  const added = checks.filter(({ argv }) => !own.some((step) => step.argv.join('\0') === argv.join('\0')))
  const verify = [...own, ...added.map(({ argv, criteria, because }) => ({ argv, criteria, because }))]
  const sources = new Set(added.flatMap(({ source }) => source ?? []))
  const evidence = [...sources].flatMap((path) => {
    const entry = scene.entries.get(path)
    return entry === undefined ? [] : [`${path}@${entry.blob}`]
  })
  return { verify, noVerify: verify.length > 0 ? null : noVerify, evidence }
}
