import type { EffectResult, RepositoryRef } from '../../domain/effects.ts'
import { ask } from '../../domain/gates/gate.ts'
import { SECRETS_NEXT, secretsGate } from '../../domain/gates/secrets.ts'
import { type NewBlob, toDocument, toQuoting } from '../../domain/packs/documents.ts'
import { questionsToPack } from '../../domain/packs/draft-questions.ts'
import type { Inflate } from '../../domain/patch/parse-binary.ts'
import { Planner } from '../../domain/run/inputs.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import type { Performed, Performer, RepositoryReader } from '../ports.ts'
import type { RecipeModules } from '../recipe-modules.ts'
import { bindDraft } from './bind-draft.ts'
import { carryDraft } from './carry-draft.ts'
import { examineChange, type Lenses, type RenderDiff } from './examine-change.ts'
import { questionEvidence } from './judge-questions.ts'
import type { Model } from './model.ts'
import type { Prompts } from './prompts.ts'
import { openScene, type Scene } from './scene.ts'
import { type Outcome, refused } from './sketch.ts'
import { sketchPatch } from './sketch-patch.ts'
import { sketchPullRequest } from './sketch-pull-request.ts'
import { sketchRecipe } from './sketch-recipe.ts'
import { sketchRollback } from './sketch-rollback.ts'
import { sketchWords } from './sketch-words.ts'

/** What drafting needs beside the record: the repository, zlib, and the name of a model where one is configured. */
export type DraftingTools = {
  readonly readerFor: (repository: RepositoryRef) => RepositoryReader
  readonly inflate: Inflate
  readonly render: RenderDiff
  readonly filter: SecretFilter
  readonly modules: RecipeModules
  readonly model: Pick<Model, 'host' | 'name'> | null
  readonly prompts: Prompts
}

/**
 * Makes a draft from the recorded Intent, MemoryPack, Manifest and answers, or asks, or says why not. Whether a draft may
 * go on is decided by the gates from the facts beside it; a draft with a secret is not even put on record.
 */
export function draftPerformer(tools: DraftingTools): Performer<'draft'> {
  return async (intended) => {
    const { body, repository } = intended
    const scene = await openScene(intended, tools.readerFor(repository))
    const carried = body.carry === undefined ? null : await carryDraft(scene, body.carry)
    if (carried?.is === 'sketch') return toPerformed(scene, carried, tools)
    const conflicts = carried?.conflicts ?? []
    const outcome = (conflicts.length > 0 ? stuckWith(scene, conflicts) : null) ?? (await sketch(scene, tools))
    const performed = await toPerformed(scene, outcome, tools)
    if (performed.result.is !== 'draft' || conflicts.length === 0) return performed
    return { ...performed, result: { ...performed.result, conflicts: [...conflicts] } }
  }
}

/** A change that was brought whole cannot be made anew here: whoever made it says what belongs where both changed. */
function stuckWith({ body }: Scene, conflicts: readonly string[]): Outcome | null {
  const planner = Planner.parse(body.planner)
  if (planner.is === 'words' || planner.is === 'recipe' || planner.is === 'rollback') return null
  const because = `the base has changed under the plan, and its edits cannot be carried over: ${conflicts.join('; ')}`
  const next =
    planner.is === 'pull-request'
      ? `bring #${planner.number} up to date with its base, then say \`/agentos plan --from #${planner.number}\` again`
      : `make the change against ${body.base.sha}, then plan it again`
  return refused('rebase', because, next)
}

function sketch(scene: Scene, tools: DraftingTools): Promise<Outcome> {
  const planner = Planner.parse(scene.body.planner)
  switch (planner.is) {
    case 'recipe':
      return sketchRecipe(scene, planner.name, tools.modules)
    case 'patch':
      return sketchPatch(scene, planner.patch, tools.inflate)
    case 'pull-request':
      return sketchPullRequest(scene, planner)
    case 'words':
      return sketchWords(scene, { model: tools.model, prompts: tools.prompts, modules: tools.modules })
    case 'rollback':
      return sketchRollback(scene, planner)
    case 'plan':
      return Promise.resolve(refused('planner', 'a finished plan is not drafted again', 'execute the plan as it is'))
  }
}

async function toPerformed(scene: Scene, outcome: Outcome, lenses: Lenses): Promise<Performed<'draft'>> {
  if (outcome.is === 'refused') return toRefusal(outcome)
  if (outcome.is === 'needs-model') {
    const { request, turn, host, model } = outcome
    return toResult({ is: 'needs-model', request, turn, host, model }, outcome.blobs)
  }
  if (outcome.is === 'questions') {
    const pack = questionsToPack(outcome.questions, (ref) => questionEvidence(scene, ref))
    const questions = toQuoting(pack, scene.secret)
    return toResult({ is: 'questions', questions: questions.sha256 }, [...outcome.blobs, questions])
  }
  const bound = await bindDraft(scene, outcome)
  if (!bound.ok) return toRefusal({ ...bound.refusal, blobs: outcome.blobs })
  const { edits, contents } = bound.value
  const change = {
    edits,
    base: [...scene.entries.values()],
    contents: new Map(contents.map(({ ref, blob }) => [ref.blob, blob.bytes])),
    policy: scene.manifest.policy,
  }
  const seen = await examineChange(change, scene.reader, lenses)
  const asked = ask(secretsGate, { secrets: seen.secrets, policy: scene.manifest.policy })
  if (asked.is !== 'passed') return toRefusal(refused(asked.gate, asked.because, SECRETS_NEXT))
  const [draft, examined] = [toDocument(bound.value.draft), toDocument(seen)]
  const facts = toQuoting(bound.value.facts, scene.secret)
  const hashes = { draft: draft.sha256, facts: facts.sha256, examined: examined.sha256 }
  const blobs = [...outcome.blobs, ...contents.map(({ blob }) => blob), draft, facts, examined]
  return toResult({ is: 'draft', ...hashes }, blobs)
}

function toRefusal({ rule, because, next, blobs }: Extract<Outcome, { is: 'refused' }>): Performed<'draft'> {
  const cut = { because: because.slice(0, 1000).toWellFormed(), next: next.slice(0, 500).toWellFormed() }
  return toResult({ is: 'refused', rule, ...cut }, blobs)
}

function toResult(result: EffectResult<'draft'>, blobs: readonly NewBlob[]): Performed<'draft'> {
  return { result, blobs: [...new Map(blobs.map((blob) => [blob.sha256, blob])).values()] }
}
