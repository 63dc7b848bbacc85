import { fixedPart } from '../../domain/control/glob.ts'
import { commandFact } from '../../domain/packs/command-facts.ts'
import { readDocument } from '../../domain/packs/documents.ts'
import { evidenceFact, type Sources } from '../../domain/packs/evidence-facts.ts'
import { FabricationFacts } from '../../domain/packs/fabrication-facts.ts'
import { type PathClaim, pathFacts } from '../../domain/packs/path-facts.ts'
import type { Draft } from '../../domain/packs/plan.ts'
import { AnswerPack } from '../../domain/packs/question-pack.ts'
import { comparePaths } from '../../domain/patch/edit.ts'
import type { Checkouts } from './planned-checkout.ts'
import type { Scene } from './scene.ts'
import type { Sketch } from './sketch.ts'

/** One claim a path: a file that is both gone and new again was there. */
export function claimsOf({ claims }: Pick<Sketch, 'claims'>): readonly PathClaim[] {
  const existing = new Set(claims.flatMap((claim) => (claim.claims === 'exists' ? [claim.path] : [])))
  const all = claims.map(({ path }) => [path, existing.has(path) ? 'exists' : 'is-new'] as const)
  return [...new Map(all)].map(([path, claims]) => ({ path, claims })).sort((a, b) => comparePaths(a.path, b.path))
}

export type Observed = {
  readonly sketch: Sketch
  readonly draft: Draft
  readonly checkouts: Checkouts
  readonly checks: FabricationFacts['checks']
}

/** Looks up everything that the draft speaks of: paths and evidence at the base, commands in the files after its edits. */
export function factsOf(scene: Scene, { sketch, draft, checkouts, checks }: Observed): FabricationFacts {
  const judged = { policy: scene.manifest.policy, checkout: checkouts.after }
  const sources = sourcesOf(scene, checkouts)
  return FabricationFacts.parse({
    v: 1,
    base: scene.body.base.sha,
    paths: [...pathFacts(allClaims(sketch, draft), scene.base, goneIn(draft))],
    commands: draft.steps.flatMap((step) => (step.is === 'edit' ? [] : [commandFact(step.id, step.argv, judged)])),
    evidence: draft.evidence.map((ref) => evidenceFact(ref, sources)),
    checks,
    model: sketch.model,
  } satisfies FabricationFacts)
}

function allClaims(sketch: Sketch, draft: Draft): readonly PathClaim[] {
  const claimed = claimsOf(sketch)
  const known = new Set(claimed.map(({ path }) => path))
  const reads = draft.reads.filter((path) => !known.has(path)).map((path) => ({ path, claims: 'exists' as const }))
  const outputs = draft.steps.flatMap((step) => (step.is === 'run' ? step.outputs.map(fixedPart) : []))
  const made = [...new Set(outputs)].filter((path) => path !== '')
  return [...claimed, ...reads, ...made.map((path) => ({ path, claims: 'may-exist' as const }))]
}

function goneIn({ steps }: Draft): ReadonlySet<string> {
  const edits = steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))
  return new Set(edits.flatMap(({ path, after }) => (after === null ? [path] : [])))
}

function sourcesOf({ body, base, documents, memory }: Scene, checkouts: Checkouts): Sources {
  const packs = body.answers.map((sha256) => readDocument(documents, sha256, AnswerPack))
  return {
    base: { sha: body.base.sha, files: base, text: checkouts.base.text },
    comments: [...body.comments, ...packs.flatMap(({ commentId }) => commentId ?? [])],
    events: memory.items.flatMap(({ source }) => (source.is === 'event' ? [source] : [])),
  }
}
